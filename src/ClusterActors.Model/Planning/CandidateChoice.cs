using System.Collections.Immutable;
using ClusterActors.Model.Events;

namespace ClusterActors.Model.Planning;

/// <summary>Chooses the server for a group: the first in order of preference that no rule excludes. No scores; each server that was
/// passed over keeps the first rule that spoke against it.</summary>
internal static class CandidateChoice
{
    /// <param name="except">Server to leave out because the group leaves it, with the sentence; or null.</param>
    /// <returns>The chosen server or null, and the verdict on each.</returns>
    public static (ServerName? Chosen, ImmutableArray<Candidate> Candidates) ByOrder(
        PlanningState state, GroupConfig group, IEnumerable<ServerName> servers, (ServerName Server, string Sentence)? except = null)
    {
        var verdicts = servers
            .Select(s => except is { } left && left.Server == s
                ? new Candidate(s, false, CandidateRule.FailedThere, left.Sentence)
                : Judge(state, group, s, byAdministrator: false))
            .ToList();
        var chosen = verdicts.FindIndex(c => c.Rule == CandidateRule.None);

        // A server that should only be avoided is still better than an outage.
        if (chosen < 0)
            chosen = verdicts.FindIndex(c => c.Rule == CandidateRule.AvoidedForGroup);
        var first = true;
        for (var i = 0; i < verdicts.Count; i++)
        {
            if (i == chosen)
                verdicts[i] = verdicts[i] with { Chosen = true, Sentence = Praise(verdicts[i], first) };
            else if (verdicts[i].Rule == CandidateRule.None)
                verdicts[i] = verdicts[i] with { Sentence = "fit, but later in the order" };
            first = false;
        }

        return (chosen < 0 ? null : verdicts[chosen].Server, [.. verdicts]);
    }

    /// <summary>Whether the server that an administrator named will do.</summary>
    public static Candidate ByWish(PlanningState state, GroupConfig group, ServerName server)
    {
        var verdict = group.Servers.Contains(server)
            ? Judge(state, group, server, byAdministrator: true)
            : new Candidate(server, false, CandidateRule.NotConfigured, $"{server} is not among the servers of the group");
        return verdict.Rule is CandidateRule.None or CandidateRule.AvoidedForGroup
            ? verdict with { Chosen = true, Sentence = "named by the administrator" }
            : verdict;
    }

    /// <summary>Notes each server that was passed over: those before the chosen one, or all of them.</summary>
    public static void NoticePassedOver(PlanningState state, GroupName group, ImmutableArray<Candidate> candidates)
    {
        foreach (var passed in candidates)
        {
            if (passed.Chosen)
                return;
            state.Notice(passed.Other is { } other
                ? RcEvents.ExcludedByGroup(group.Value, passed.Server.Value, other.Value)
                : RcEvents.ServerNotFit(group.Value, passed.Server.Value, passed.Sentence));
        }
    }

    private static string Praise(Candidate candidate, bool first) =>
        candidate.Rule == CandidateRule.AvoidedForGroup ? $"no better server: {candidate.Sentence}"
        : first ? "first in the order" : "first fit server in the order";

    private static Candidate Judge(PlanningState state, GroupConfig group, ServerName name, bool byAdministrator)
    {
        var server = state.Server(name);
        var record = state.Group(group.Name).Record;
        if (!state.IsMember(name) || server.State is not (ServerState.Up or ServerState.Suspected or ServerState.DaemonRestarting))
            return No(CandidateRule.NotInView, $"not in the view ({Words(server.State)})");
        if (server.State == ServerState.Suspected)
            return No(CandidateRule.Suspected, "suspected: beats are late");
        if (server.State == ServerState.DaemonRestarting)
            return No(CandidateRule.DaemonRestarting, "its daemon is being restarted");
        if (server.WhyNoStart is { } why)
            return No(CandidateRule.AcceptsNoStart, why);
        if (server.Leaving)
            return No(CandidateRule.Leaving, "being stopped on request");
        if (server.Mode == ServerMode.Standby)
            return No(CandidateRule.Standby, $"{server.ModeWords}; clp server resume {name} ends that");
        if (server.Mode == ServerMode.Maintenance && !byAdministrator)
            return No(CandidateRule.Maintenance, server.ModeWords);
        if (state.NotStoppedOn(name) is { } stuck)
            return No(CandidateRule.Unsafe, $"could not stop group {stuck}");
        if (!byAdministrator && server.ConfigHash != state.Config.Hash)
            return No(CandidateRule.ConfigurationDiffers,
                $"its configuration is {(server.ConfigHash is { } hash ? ConfigHash.Short(hash) : "not known")}, the coordinator's is {ConfigHash.Short(state.Config.Hash)}");
        if (record.FailedOn.Contains(name) || (record.State == GroupState.OnlineFailure && record.Owner == name))
            return No(CandidateRule.FailedThere, "the group failed there; clear its failures to allow it again");
        return Neighbours(state, group, name) ?? No(CandidateRule.None, "fit");

        Candidate No(CandidateRule rule, string sentence) => new(name, false, rule, sentence);
    }

    /// <summary>Two groups keep apart when both have an exclusion; one that says absolute makes it strict.</summary>
    private static Candidate? Neighbours(PlanningState state, GroupConfig group, ServerName server)
    {
        if (group.Exclusion == Exclusion.None)
            return null;
        Candidate? avoided = null;
        foreach (var other in state.OccupantsOf(server))
        {
            if (other == group.Name || state.Config.FindGroup(other) is not { Exclusion: not Exclusion.None } rival)
                continue;
            if (group.Exclusion == Exclusion.Absolute || rival.Exclusion == Exclusion.Absolute)
                return new Candidate(server, false, CandidateRule.ExcludedByGroup, $"group {other} is there and excludes it") { Other = other };
            avoided ??= new Candidate(server, false, CandidateRule.AvoidedForGroup, $"group {other} is there and should be avoided") { Other = other };
        }

        return avoided;
    }

    public static string Words(ServerState state) => state switch
    {
        ServerState.Unknown => "nothing heard from it",
        ServerState.Up => "up",
        ServerState.Suspected => "suspected",
        ServerState.DaemonRestarting => "daemon restarting",
        ServerState.Clean => "down and clean",
        _ => "down",
    };
}
