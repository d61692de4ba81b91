using ClusterActors.Model;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Cluster.Membership;

/// <summary>The grant in words where votes count: by whose vow it is held, and what the promises in force cost. Pure.</summary>
internal static class GrantWords
{
    public static string Of(VotingState voting, GrantState grant, string otherwise, ClusterConfig config)
    {
        if (voting.Mode == VotingMode.None)
            return otherwise;
        var held = grant == GrantState.Held ? Held(voting, config) : otherwise;
        return held + (Hold(voting) is { } hold ? $"; {hold}" : "") + (voting.Forgetful ? "; its record of votes was lost: it votes again when it has met every server" : "")
            + (voting.Candidate != Term.Zero ? $"; asks for votes for term {voting.Candidate}" : "");
    }

    private static string Held(VotingState voting, ClusterConfig config) => voting.Voter switch
    {
        VotingState.ArbiterVoter => $"held by vow of {config.VotingArbiter?.Name.Value ?? "the arbiter"}",
        VotingState.NoVoter when voting.Relying => "held by the hold promise of the other servers",
        VotingState.NoVoter => "held, renewed with every beat",
        var server => $"held by vow of {(server < config.Servers.Count ? config.Servers[server].Name.Value : $"server {server}")}",
    };

    /// <summary>The hold promise in force and what it costs; null when there is none.</summary>
    public static string? Hold(VotingState voting) => voting.HoldPromise
        ? "hold promise in force: until the arbiter is back it takes nothing over by verdict, only a fence or an administrator decides"
        : null;
}
