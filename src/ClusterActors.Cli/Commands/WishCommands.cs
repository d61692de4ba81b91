using System.Globalization;
using ClusterActors.Cli.Parsing;
using ClusterActors.Control;
using ClusterActors.Control.Client;

namespace ClusterActors.Cli.Commands;

/// <summary><c>clp toratio -s --json</c>.</summary>
/// <param name="Until">Left out while nothing is stretched.</param>
internal sealed record RatioJson(int Ratio, string? Until);

/// <summary>Commands about the cluster or a server as a whole: <c>clptoratio</c>, <c>clp server ...</c>, <c>clpcl --suspend</c>.</summary>
internal static class WishCommands
{
    private const double WaitSeconds = 10;
    private const int MaxRatio = 10_000;
    private const double MaxDays = 30;

    public static Task<ExitCode> StandbyAsync(Invocation invocation) => OfServerAsync(invocation, ClusterWishVerb.Standby, "Standby");

    public static Task<ExitCode> MaintenanceAsync(Invocation invocation) => OfServerAsync(invocation, ClusterWishVerb.Maintenance, "Maintenance");

    public static Task<ExitCode> ResumeServerAsync(Invocation invocation) => OfServerAsync(invocation, ClusterWishVerb.ResumeServer, "Resume");

    public static Task<ExitCode> OfClusterAsync(Invocation invocation, ClusterWishVerb verb) =>
        SendAsync(invocation, new WishRequest(verb, null, 1, 0, Options(invocation)), verb.ToString());

    public static async Task<ExitCode> ToRatioAsync(Invocation invocation)
    {
        var verb = invocation.OneOf(null, "ratio", "initialize", "show");
        if (verb != "ratio" && invocation.Has("time"))
            throw new UsageException("clp toratio: -t belongs to -r", invocation.Command);
        if (verb == "show")
            return await ShowAsync(invocation).ConfigureAwait(false);
        if (verb == "initialize")
            return await SendAsync(invocation, new WishRequest(ClusterWishVerb.Normal, null, 1, 0, Options(invocation)), "Ratio").ConfigureAwait(false);
        var ratio = (int)invocation.Number("ratio", 1, 1, MaxRatio);
        if (ratio == 1)
            return await SendAsync(invocation, new WishRequest(ClusterWishVerb.Normal, null, 1, 0, Options(invocation)), "Ratio").ConfigureAwait(false);
        var time = TimeOf(invocation.Text("time") ?? throw new UsageException("clp toratio: -t TIME is missing; write how long, such as 2m, 3h or 4d", invocation.Command), invocation);
        return await SendAsync(invocation, new WishRequest(ClusterWishVerb.Stretch, null, ratio, time.TotalSeconds, Options(invocation)), "Ratio").ConfigureAwait(false);
    }

    /// <summary><c>2m</c>, <c>3h</c>, <c>4d</c>.</summary>
    internal static TimeSpan TimeOf(string text, Invocation invocation)
    {
        var unit = text.Length > 1 ? text[^1] : ' ';
        if (int.TryParse(text.AsSpan(0, Math.Max(0, text.Length - 1)), NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count > 0)
        {
            var seconds = unit switch { 'm' => count * 60.0, 'h' => count * 3600.0, 'd' => count * 86_400.0, _ => 0 };
            if (seconds > 0 && seconds <= MaxDays * 86_400)
                return TimeSpan.FromSeconds(seconds);
        }

        throw new UsageException($"clp toratio: -t {text}: must be a whole number with m, h or d behind it, at most {MaxDays:0} days", invocation.Command);
    }

    private static Task<ExitCode> OfServerAsync(Invocation invocation, ClusterWishVerb verb, string word) =>
        SendAsync(invocation, new WishRequest(verb, invocation.Operand, 1, 0, Options(invocation)), $"{word} {invocation.Operand}");

    private static async Task<ExitCode> ShowAsync(Invocation invocation)
    {
        using var api = Api.Open(invocation);
        var status = (await api.GetAsync(Routes.Status).ConfigureAwait(false)).ReadStatus();
        var shown = status.RatioUntil is { } until ? new RatioJson(status.Ratio, until) : new RatioJson(1, null);
        invocation.Answer(shown, CliJson.Default.RatioJson, $"present timeout ratio : {shown.Ratio}{(shown.Until is null ? "" : $", until {shown.Until}")}");
        return ExitCode.Done;
    }

    private static CommandOptions Options(Invocation invocation) => new(WaitSeconds, invocation.Has("dry-run"), invocation.Text("reason"));

    private static async Task<ExitCode> SendAsync(Invocation invocation, WishRequest wish, string word)
    {
        using var api = Api.Open(invocation);
        var answer = await api.CommandAsync(Routes.Wishes, wish, ControlJson.Default.WishRequest, wish.Options).ConfigureAwait(false);
        var reply = answer.Read(ControlJson.Default.CommandReply);
        return api.PrintedAsJson(answer) ? reply.Code : ReplyText.Print(invocation, word, reply);
    }
}
