using System.Globalization;

namespace ClusterActors.Model.Voting;

/// <summary>
/// Decides whether this side may go on without the silent servers (safety.md section 2). Pure: same snapshot, same verdict.
/// <para>Order: of a server that another one hears nothing is taken over, and nobody is asked. Who may forbid is heard first. Then the votes, where there are voters; a fence is used only by who holds the vote.
/// Without voters a fence decides: the side with the groups first, the other after the fence delay, a booting server never.</para>
/// The verdict gives no right to anything: the guardian raises the term only by its own rules.
/// </summary>
public static class VerdictRules
{
    public static Verdict Decide(VerdictSnapshot snapshot)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        if (snapshot.Silent.Count == 0)
            return Afterwards(snapshot);
        if (snapshot.HeardByOthers.Count > 0)
            return new(VerdictKind.Wait, VerdictStep.None, [], "", $"{Names(snapshot.HeardByOthers)} silent here, but heard by another server: the link between is broken, and nothing is taken over");
        return Vetoed(snapshot) ?? (snapshot.CountsVotes ? ByVotes(snapshot) : ByFence(snapshot));
    }

    /// <summary>Nobody has to be excluded. What was excluded by votes is made certain by fence, where there is one.</summary>
    private static Verdict Afterwards(VerdictSnapshot s)
    {
        var open = s.Fences.Where(f => s.Unproven.Contains(f.Server) && f.State != FenceState.NotCovered).ToList();
        if (open.FirstOrDefault(f => f.State == FenceState.Failed) is { } failed)
            return new(VerdictKind.Survive, VerdictStep.None, [], "", $"{failed.Server} is excluded by votes, but fencing it failed: {failed.Sentence}; groups that need proof wait");
        if (open.Any(f => f.State == FenceState.Running))
            return new(VerdictKind.Survive, VerdictStep.None, [], "", $"{Names(open.Select(f => f.Server))} excluded by votes, being fenced");
        if (open.Where(f => f.State == FenceState.None).Select(f => f.Server).ToList() is { Count: > 0 } targets)
            return new(VerdictKind.Survive, VerdictStep.Fence, targets, "", $"{Names(targets)} excluded by votes; the holder of the vote fences");
        return new(VerdictKind.Survive, VerdictStep.None, [], "", "every server takes part, or is provably out");
    }

    private static Verdict? Vetoed(VerdictSnapshot s)
    {
        if (s.Vetoes.FirstOrDefault(v => v.State == VetoState.Isolated) is { } veto)
            return new(VerdictKind.StandDown, VerdictStep.None, [], veto.Name, $"{veto.Name} forbids it, this side is isolated: {veto.Sentence}");
        if (s.Vetoes.FirstOrDefault(v => v.State == VetoState.NotAsked) is { } open)
            return new(VerdictKind.Wait, VerdictStep.AskVeto, [], open.Name, $"{open.Name} is asked first");
        return s.Vetoes.FirstOrDefault(v => v.State == VetoState.Asking) is { } asked
            ? new(VerdictKind.Wait, VerdictStep.None, [], asked.Name, $"{asked.Name} is being asked")
            : null;
    }

    private static Verdict ByVotes(VerdictSnapshot s)
    {
        var missing = s.Majority - s.Carried;
        var count = string.Create(CultureInfo.InvariantCulture, $"{s.Carried} of {s.Voters} votes are on this side, {s.Majority} are needed");
        if (missing > (s.Voter is null ? 0 : 1))
            return new(VerdictKind.StandDown, VerdictStep.None, [], "majority", count);
        if (!s.Helps)
            return new(VerdictKind.Wait, VerdictStep.None, [], "", $"{Names(s.Silent)} silent; nothing would start without them");
        if (missing <= 0)
            return new(VerdictKind.Survive, VerdictStep.Raise, s.Silent, "majority", count);
        if (s.HoldPromise)
            return new(VerdictKind.Wait, VerdictStep.None, [], s.Voter!.Name,
                $"{count}; hold promise in force: until {s.Voter.Name} is back and all have met again nothing is taken over from {Names(s.Silent)}; clp fence confirm {s.Silent[0]} when it is off");
        return ByArbiter(s, s.Voter!, count);
    }

    private static Verdict ByArbiter(VerdictSnapshot s, VoterView voter, string count) => (voter.State, voter.IsStore) switch
    {
        (VoterState.Refused, _) => new(VerdictKind.StandDown, VerdictStep.None, [], voter.Name, $"{voter.Name} does not vote for this side: {voter.Sentence}"),
        (VoterState.Silent, _) => new(VerdictKind.Wait, VerdictStep.None, [], voter.Name, $"{count}, and {voter.Name} does not answer: {voter.Sentence}"),
        (VoterState.Voted, _) => new(VerdictKind.Survive, VerdictStep.Raise, s.Silent, voter.Name, $"{voter.Name} voted for this side"),
        (VoterState.NotYet, true) => new(VerdictKind.Wait, VerdictStep.None, [], voter.Name, $"{count}; {voter.Name} votes later: {voter.Sentence}"),
        (_, true) => new(VerdictKind.Wait, VerdictStep.AskVote, s.Silent, voter.Name, $"{count}; {voter.Name} is asked"),
        // The guardian asks the witness itself, as part of raising the term: until it has raised it, nothing is decided.
        _ => new(VerdictKind.Wait, VerdictStep.Raise, s.Silent, voter.Name, $"{count}; the guardian asks {voter.Name}{(voter.Sentence.Length > 0 ? ", last: " + voter.Sentence : "")}"),
    };

    private static Verdict ByFence(VerdictSnapshot s)
    {
        var fences = s.Silent.Select(server => s.Fences.FirstOrDefault(f => f.Server == server) ?? new(server, FenceState.NotCovered, "no fence is configured for it")).ToList();
        if (fences.FirstOrDefault(f => f.State == FenceState.NotCovered) is { } uncovered)
            return new(VerdictKind.Wait, VerdictStep.None, [], "", $"{uncovered.Server} is silent and cannot be fenced: {uncovered.Sentence}; confirm that it is off: clp fence confirm {uncovered.Server}");
        if (fences.All(f => f.State == FenceState.Proven))
            return new(VerdictKind.Survive, VerdictStep.Raise, s.Silent, "fence", string.Join("; ", fences.Select(f => $"{f.Server} is off: {f.Sentence}")));
        if (fences.FirstOrDefault(f => f.State == FenceState.Running) is { } running)
            return new(VerdictKind.Wait, VerdictStep.None, [], "fence", $"{running.Server} is being fenced");
        if (fences.FirstOrDefault(f => f.State == FenceState.Failed) is { } failed)
            return new(VerdictKind.Wait, VerdictStep.None, [], "fence",
                $"fencing {failed.Server} failed: {failed.Sentence}; tried again when its check succeeds, or confirm that it is off: clp fence confirm {failed.Server}");
        return WhenToShoot(s, [.. fences.Where(f => f.State == FenceState.None).Select(f => f.Server)]);
    }

    private static Verdict WhenToShoot(VerdictSnapshot s, IReadOnlyList<ServerName> targets)
    {
        if (s.IsBooting)
            return new(VerdictKind.Wait, VerdictStep.None, [], "fence",
                $"this server has just started and has not met {Names(targets)}: a booting server fences nobody; clp fence confirm {targets[0]} when it is off");
        if (s.ShootsFirst)
            return new(VerdictKind.Wait, VerdictStep.Fence, targets, "fence", $"{Names(targets)} silent; this side has the groups and fences first");
        if (!s.Helps)
            return new(VerdictKind.Wait, VerdictStep.None, [], "", $"{Names(targets)} silent; nothing would start without them");
        var left = s.FenceDelay - s.SilentFor;
        return left > TimeSpan.Zero
            ? new(VerdictKind.Wait, VerdictStep.None, [], "fence", string.Create(CultureInfo.InvariantCulture, $"{Names(targets)} silent; its side fences first, this one in {left.TotalSeconds:0.0} s"))
            : new(VerdictKind.Wait, VerdictStep.Fence, targets, "fence", $"{Names(targets)} silent, and its side did not fence within the delay");
    }

    private static string Names(IEnumerable<ServerName> servers) => string.Join(", ", servers);
}
