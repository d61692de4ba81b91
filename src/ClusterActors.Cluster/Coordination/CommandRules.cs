using ClusterActors.Cluster.Wire;
using ClusterActors.Model;
using ClusterActors.Model.Planning;

namespace ClusterActors.Cluster.Coordination;

/// <summary>What an administrator's command means for which groups, and how its outcome reads. Pure.</summary>
internal static class CommandRules
{
    // Values of the exit table (docs/COMMANDS.md).
    private const int Done = 0;
    private const int Refused = 2;
    private const int NotFound = 3;
    private const int Partial = 4;
    private const int StillGoing = 5;
    private const int NotSafe = 6;
    private const int Unreachable = 8;
    private const int Failed = 9;
    private static readonly Dictionary<GroupName, ServerName?> Nothing = [];

    public static (AdminOutcome? Refusal, IReadOnlyDictionary<GroupName, ServerName?> Targets) Check(
        AdminCommand command, ClusterConfig config, ClusterView? view, Plan? plan, ServerName self)
    {
        if (view is null || plan is null)
            return (Refuse(command, Unreachable, $"{self} has not yet heard from its guardian; try again in a moment"), Nothing);
        if (plan.Coordinator != self)
            return (Refuse(command, Unreachable, $"{self} is not the coordinator ({plan.Coordinator?.ToString() ?? "there is none at present"}): {view.Standing.Sentence}"), Nothing);
        var groups = command.Group is { } one ? config.Groups.Where(g => g.Name == one).ToList() : config.Groups;
        if (groups.Count == 0)
            return (Refuse(command, NotFound, $"there is no group {command.Group}; clpstat lists the groups"), Nothing);
        if (command.Server is { } server && config.FindServer(server) is null)
            return (Refuse(command, NotFound, $"there is no server {server}; clpstat lists the servers"), Nothing);
        var targets = new Dictionary<GroupName, ServerName?>();
        foreach (var group in groups)
        {
            var (target, problem) = Target(command, group, view);
            if (problem is not null)
                return (Refuse(command, view.Standing.IsValid ? Refused : NotSafe, problem), Nothing);
            targets[group.Name] = target;
        }

        return (null, targets);
    }

    public static AdminOutcome Busy(AdminCommand command, int waiting) =>
        Refuse(command, Refused, $"{waiting} commands are under way already; wait for one of them");

    public static AdminOutcome DryRun(AdminCommand command, IReadOnlyDictionary<GroupName, ServerName?> targets, ClusterView view, ClusterConfig config)
    {
        var wished = view with { Groups = [.. view.Groups.Select(g => targets.TryGetValue(g.Record.Group, out var target) ? Wished(g, command.Verb, target, view.Term) : g)] };
        var plan = Planner.Plan(wished, config);
        var lines = plan.Actions.Where(a => targets.ContainsKey(a.Group)).Select(a => new AdminLine($"{a.GetType().Name} {a.Group}", true, a.Because.Sentence)).ToList();
        return new(command.CommandId, Done, "nothing was changed; this is what would happen", lines, [.. lines.Select(l => l.Message)]);
    }

    public static AdminOutcome Outcome(PendingCommand pending)
    {
        var failed = pending.Done.Values.Count(l => !l.Succeeded);
        return new(pending.Command.CommandId, failed == 0 ? Done : Partial,
            failed == 0 ? "Command succeeded." : $"{failed} of {pending.Done.Count} failed", [.. pending.Done.Values], []);
    }

    public static AdminOutcome StillRunning(PendingCommand pending, Plan? plan, IReadOnlyDictionary<GroupName, string> refusals)
    {
        var open = pending.Targets.Keys.Where(g => !pending.Done.ContainsKey(g)).ToList();
        var why = open.Select(g => plan?.For(g)).OfType<PlannedAction>().Select(a => $"{a.Group}: {a.Because.Sentence}")
            .Concat(open.Where(refusals.ContainsKey).Select(g => $"{g}: the order was refused: {refusals[g]}")).ToList();
        return new(pending.Command.CommandId, StillGoing,
            $"not finished after {pending.Command.WaitSeconds:0.###} s: {string.Join(", ", open)}; it goes on, clpstat shows it", [.. pending.Done.Values], why);
    }

    /// <summary>A command that waits for less says nothing about the journal: its wish may just be on the way.</summary>
    public const double StoreSeconds = 2;

    /// <summary>What is not in the journal is not done: an order is carried out only after its wish was stored. It may still come to be stored.</summary>
    public static AdminOutcome NotStored(PendingCommand pending, IEnumerable<GroupName> groups, ServerName self) =>
        new(pending.Command.CommandId, Failed,
            $"not stored within {pending.Command.WaitSeconds:0.###} s, so nothing is done yet: {string.Join(", ", groups)}; see whether the journal of {self} takes writes (clpstat, clp events), and whether it came to be after all, then try again",
            [.. pending.Done.Values], []);

    private static (ServerName? Target, string? Problem) Target(AdminCommand command, GroupConfig group, ClusterView view)
    {
        if (command.Verb == AdminVerb.Stop || (command.Verb == AdminVerb.Start && command.Server is null))
            return (null, null);
        var record = view.Groups.First(g => g.Record.Group == group.Name).Record;
        var owner = record.State is GroupState.Online or GroupState.OnlinePending ? record.Owner : null;
        if (command.Verb == AdminVerb.Move && owner is null)
            return (null, $"group {group.Name} does not run ({record.State}); start it first");
        var candidates = group.Servers.Where(s => s != owner && view.Members.Contains(s)).ToList();
        if (command.Server is null && candidates.Count == 0)
            return (null, $"group {group.Name} has no other server that takes part at present: {view.Standing.Sentence}");
        var target = command.Server ?? candidates[0];
        if (!group.Servers.Contains(target))
            return (null, $"group {group.Name} may run on {string.Join(", ", group.Servers)}, not on {target}");
        return view.Members.Contains(target)
            ? (target, null)
            : (null, $"{target} does not take part at present: {view.Standing.Sentence}");
    }

    private static GroupView Wished(GroupView group, AdminVerb verb, ServerName? target, Term term) => group with
    {
        Record = group.Record with
        {
            Wish = verb == AdminVerb.Stop ? GroupWish.Stopped : GroupWish.Started,
            WishedServer = target,
            WishTerm = term,
            WishGeneration = group.Record.WishGeneration + 1,
            ForgivenTerm = group.Record.Term,
            ForgivenGeneration = group.Record.Generation,
        },
    };

    private static AdminOutcome Refuse(AdminCommand command, int code, string sentence) => new(command.CommandId, code, sentence, [], [sentence]);
}
