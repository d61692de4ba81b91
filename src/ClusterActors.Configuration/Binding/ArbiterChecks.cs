using ClusterActors.Model;

namespace ClusterActors.Configuration.Binding;

/// <summary>Whether the arbiters, the number of servers and the policy make sense together (safety.md section 2).</summary>
internal sealed class ArbiterChecks(BindingReport report, Section cluster)
{
    /// <summary>The silence of an arbiter can only be judged over at least one timeout.</summary>
    public void CheckTimes(ClusterConfig config)
    {
        if (config.OnPartition != PartitionPolicy.AskArbiters || config.VotingArbiter is null || config.Partition is not { } times) return;
        if (times.ArbiterLostAfter >= config.Heartbeat.Timeout) return;
        cluster.Complain("arbiter-lost-after", $"{cluster.FullPath("arbiter-lost-after")} is {Words.Duration(times.ArbiterLostAfter)}; it must be at least the heartbeat timeout, {Words.Duration(config.Heartbeat.Timeout)}");
    }

    /// <param name="isComplete">False when an arbiter could not be bound: then nobody can tell what is missing.</param>
    public void Run(PartitionPolicy? policy, IReadOnlyList<ArbiterConfig> arbiters, int servers, bool isComplete)
    {
        if (policy is not { } known || servers == 0) return;
        if (known != PartitionPolicy.AskArbiters)
        {
            foreach (var arbiter in arbiters)
                report.Add(arbiter.Location, $"arbiter '{arbiter.Name}' would never be asked, because {cluster.FullPath("on-partition")} is {Words.Kebab(known)}; write on-partition = ask-arbiters, or remove the arbiter");
            return;
        }

        CheckVoters(arbiters, servers);
        if (servers == 1 || (isComplete && !HasMajority(servers) && !arbiters.Any(a => a.Grants))) cluster.Complain("on-partition", NothingGrants(arbiters, servers));
    }

    private static bool HasMajority(int servers) => servers >= 3 && servers % 2 == 1;

    private void CheckVoters(IReadOnlyList<ArbiterConfig> arbiters, int servers)
    {
        var voters = arbiters.Where(a => a.Votes).ToList();
        foreach (var second in voters.Skip(1))
            report.Add(second.Location, $"arbiter '{second.Name}' of type {second.Type} votes, and so does '{voters[0].Name}' of type {voters[0].Type} ({voters[0].Location}); one vote is what breaks a tie, two would make one again: keep one");
        if (voters.Count == 0 || servers % 2 == 0) return;
        var reason = servers == 1
            ? "there is one server, so there is nothing to decide"
            : $"{servers} servers have a majority of their own, and one voter more would make an even number and a tie possible";
        report.Add(voters[0].Location, $"arbiter '{voters[0].Name}' of type {voters[0].Type} votes, but {reason}; remove it");
    }

    private string NothingGrants(IReadOnlyList<ArbiterConfig> arbiters, int servers)
    {
        const string Remedy = "add an arbiter of type witness, etcd, postgresql or fence, or write on-partition = hold or take-over";
        var key = cluster.FullPath("on-partition");
        if (servers == 1) return $"{key} is 'ask-arbiters', but there is one server, so there is nothing to decide; write on-partition = hold";
        if (arbiters.Any(a => a is PingArbiterConfig))
        {
            return $"{key} is 'ask-arbiters', but ping is the only arbiter; it can forbid a takeover, never allow one: when only the heartbeat network is cut, both servers reach "
                + $"the gateway, and each takes the other for dead; {Remedy}";
        }

        return $"{key} is 'ask-arbiters', but {servers} servers without an arbiter have no majority when half of them lose sight of the other half; {Remedy}";
    }
}
