namespace ClusterActors.Model.Guardian;

/// <summary>Relations inside <see cref="GuardianSettings"/> that the engine relies on; checked again by the guardian itself.</summary>
internal static class GuardianSettingsRules
{
    private const double RateError = FenceLease.ClockRateError;

    public static IReadOnlyList<string> Check(GuardianSettings s)
    {
        var problems = new List<string>();
        CheckServers(s, problems);
        CheckNetworks(s, problems);
        CheckTimes(s, problems);
        if (s.Key.Length != 32)
            problems.Add($"guardian settings: key has {s.Key.Length} bytes; 32 are needed: create one with 'clp cluster init'");
        if (s.Policy is not (PartitionPolicy.Hold or PartitionPolicy.TakeOver))
            problems.Add($"guardian settings: policy {s.Policy} cannot be used by the guardian; hold or take-over are allowed");
        if (!Enum.IsDefined(s.Fence))
            problems.Add($"guardian settings: fence kind {(byte)s.Fence} is not known; auto, bpf, nftables or none are allowed");
        return problems;
    }

    private static void CheckServers(GuardianSettings s, List<string> problems)
    {
        if (s.Servers.Count is < 1 or > GuardianSettings.MaxServers)
            problems.Add($"guardian settings: {s.Servers.Count} servers; 1 to {GuardianSettings.MaxServers} are allowed");
        uint seen = 0;
        foreach (GuardianServer server in s.Servers)
        {
            if (server.Index >= GuardianSettings.MaxServers || (seen & (1u << server.Index)) != 0)
                problems.Add($"guardian settings: server {server.Name} has index {server.Index}, which is used twice or above 31");
            else
                seen |= 1u << server.Index;
        }

        if (s.OwnIndex >= GuardianSettings.MaxServers || (seen & (1u << s.OwnIndex)) == 0)
            problems.Add($"guardian settings: own index {s.OwnIndex} is not among the configured servers");
    }

    private static void CheckNetworks(GuardianSettings s, List<string> problems)
    {
        if (s.Networks.Count > GuardianSettings.MaxNetworks)
            problems.Add($"guardian settings: {s.Networks.Count} networks; at most {GuardianSettings.MaxNetworks} are allowed");
        if (s.Networks.Count == 0 && s.Servers.Count > 1)
            problems.Add("guardian settings: no heartbeat network between several servers; configure at least one");
        uint seen = 0;
        foreach (GuardianNetwork network in s.Networks)
        {
            if (network.Index >= GuardianSettings.MaxNetworks || (seen & (1u << network.Index)) != 0)
                problems.Add($"guardian settings: network {network.Name} has index {network.Index}, which is used twice or above 7");
            else
                seen |= 1u << network.Index;
            foreach (GuardianPeerAddress peer in network.Peers)
            {
                if (peer.ServerIndex >= GuardianSettings.MaxServers || (s.PeerMask() & (1u << peer.ServerIndex)) == 0)
                    problems.Add($"guardian settings: network {network.Name} names peer {peer.ServerIndex}, which is not another server");
                if (peer.Address.AddressFamily != network.OwnAddress.AddressFamily)
                    problems.Add($"guardian settings: network {network.Name} mixes {network.OwnAddress} and {peer.Address}; use one family");
            }
        }
    }

    private static void CheckTimes(GuardianSettings s, List<string> problems)
    {
        if (s.Interval < TimeSpan.FromMilliseconds(1) || s.Interval > TimeSpan.FromMinutes(1))
            problems.Add($"guardian settings: interval {s.Interval.TotalMilliseconds} ms; 1 ms to 1 min are allowed");
        if (s.Timeout < s.Interval * 3 || s.Timeout > TimeSpan.FromHours(1))
            problems.Add($"guardian settings: timeout {s.Timeout.TotalMilliseconds} ms; 3 intervals ({s.Interval.TotalMilliseconds * 3} ms) to 1 h are allowed");
        if (s.Ratio is < 1 or > 10000)
            problems.Add($"guardian settings: ratio {s.Ratio}; 1 to 10000 are allowed");
        if (s.Grant < s.Interval * 2)
            problems.Add($"guardian settings: grant {s.Grant.TotalMilliseconds} ms is shorter than two intervals; it would end between two beats");
        double own = (s.Grant.TotalMilliseconds * (1 + RateError)) + s.KillDelay.TotalMilliseconds;
        double other = s.Timeout.TotalMilliseconds * (1 - RateError);
        if (own >= other)
        {
            problems.Add(
                $"guardian settings: grant {s.Grant.TotalMilliseconds} ms + kill delay {s.KillDelay.TotalMilliseconds} ms = {own:0.###} ms "
                + $"is not below the timeout less clock error, {other:0.###} ms (S1): shorten the grant or lengthen the timeout");
        }

        if (s.WatchdogDevice.Length > 0 && s.WatchdogTimeout.TotalMilliseconds < s.Timeout.TotalMilliseconds * s.Ratio * (1 + RateError))
        {
            problems.Add(
                $"guardian settings: watchdog timeout {s.WatchdogTimeout.TotalMilliseconds} ms must be at least the timeout with clock error, "
                + $"{s.Timeout.TotalMilliseconds * s.Ratio * (1 + RateError):0.###} ms (W1): a stall that the cluster bears would reset the machine; lengthen cluster.watchdog-timeout");
        }

        if (s.PingInterval <= TimeSpan.Zero || s.HangLimit <= s.PingInterval)
            problems.Add($"guardian settings: hang limit {s.HangLimit.TotalMilliseconds} ms must be above the ping interval {s.PingInterval.TotalMilliseconds} ms");
        if (s.DaemonRestartLimit <= TimeSpan.Zero || s.StopLimit <= TimeSpan.Zero)
            problems.Add("guardian settings: daemon restart limit and stop limit must be above 0");
    }
}
