using System.Globalization;
using ClusterActors.Cluster.Wire;
using ClusterActors.Model;
using ClusterActors.Model.Planning;

namespace ClusterActors.Cluster.Coordination;

/// <summary>What a wish of an administrator changes, or why it is refused. Pure.</summary>
internal static class WishRules
{
    // Values of the exit table (docs/COMMANDS.md).
    public const int NotStored = 9;
    private const int Done = 0;
    private const int Refused = 2;
    private const int NotFound = 3;
    private const int Unreachable = 8;

    /// <summary>Null, or the answer to a command that is not carried out.</summary>
    public static AdminOutcome? WhyNot(WishCommand command, ClusterConfig config, Plan? plan, ServerName self)
    {
        if (plan is null || plan.Coordinator != self)
            return Answer(command, Unreachable, $"{self} is not the coordinator ({plan?.Coordinator?.ToString() ?? "there is none at present"}); try again in a moment");
        if (command.Verb >= WishVerb.Standby && (command.Server is not { } server || config.FindServer(server) is null))
            return Answer(command, NotFound, $"there is no server {command.Server}; clpstat lists the servers");
        if (command.Verb != WishVerb.Stretch)
            return null;
        if (command.Ratio is < 1 or > ClusterWishes.MaxRatio)
            return Answer(command, Refused, $"ratio {command.Ratio}: 1 to {ClusterWishes.MaxRatio} are allowed");
        return command.Seconds > 0 && command.Seconds <= ClusterWishes.MaxStretch.TotalSeconds
            ? null
            : Answer(command, Refused, string.Create(CultureInfo.InvariantCulture, $"time {command.Seconds:0} s: above 0 and at most {ClusterWishes.MaxStretch.TotalDays:0} days are allowed"));
    }

    public static ClusterWishes Change(WishCommand command, ClusterWishes wishes, Term term, DateTimeOffset now, string? causeId)
    {
        var next = wishes.Next(term);
        return command.Verb switch
        {
            WishVerb.Suspend => next with { Suspended = true, SuspendedCauseId = causeId },
            WishVerb.Resume => next with { Suspended = false, SuspendedCauseId = causeId },
            WishVerb.Stretch when command.Ratio > 1 => next with { Ratio = command.Ratio, RatioUntil = now.AddSeconds(command.Seconds), RatioCauseId = causeId },
            WishVerb.Stretch or WishVerb.Normal => next with { Ratio = 1, RatioUntil = null, RatioCauseId = causeId },
            WishVerb.Standby => next.With(new ServerWish(command.Server!, ServerMode.Standby, command.Reason) { CauseId = causeId }),
            WishVerb.Maintenance => next.With(new ServerWish(command.Server!, ServerMode.Maintenance, command.Reason) { CauseId = causeId }),
            _ => next.With(new ServerWish(command.Server!, ServerMode.Normal, "")),
        };
    }

    public static AdminOutcome Stored(WishCommand command) => Answer(command, Done, "Command succeeded.");

    public static AdminOutcome DryRun(WishCommand command, ClusterView view, ClusterConfig config, Func<ClusterView, ClusterView> with)
    {
        var plan = Planner.Plan(with(view), config);
        var before = Planner.Plan(view, config);
        IReadOnlyList<string> changed = [.. plan.Actions.Where(a => a.IsOrder && before.For(a.Group) != a).Select(a => $"{a.GetType().Name} {a.Group}: {a.Because.Sentence}")];
        return new(command.CommandId, Done, "nothing was changed; this is what would happen", [], changed.Count > 0 ? changed : ["no group would be started, stopped or moved"]);
    }

    public static string Words(WishCommand command) => command.Verb switch
    {
        WishVerb.Suspend => "suspend the cluster",
        WishVerb.Resume => "resume the cluster",
        WishVerb.Stretch => string.Create(CultureInfo.InvariantCulture, $"stretch timeouts by {command.Ratio} for {command.Seconds:0} s"),
        WishVerb.Normal => "timeouts back to normal",
        WishVerb.ResumeServer => $"resume server {command.Server}",
        _ => $"{command.Verb} of server {command.Server}".ToLowerInvariant(),
    };

    public static AdminOutcome Answer(WishCommand command, int code, string sentence) => new(command.CommandId, code, sentence, [], code == Done ? [] : [sentence]);
}
