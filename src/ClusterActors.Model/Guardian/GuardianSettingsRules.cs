namespace ClusterActors.Model.Guardian;

/// <summary>Relations inside <see cref="GuardianSettings"/> that the engine relies on; checked again by the guardian itself.</summary>
internal static class GuardianSettingsRules
{
    private const double RateError = FenceLease.ClockRateError;

    public static IReadOnlyList<string> Check(GuardianSettings s)
    {
        var problems = new List<string>();
        CheckServers(s, problems);
        CheckChannels(s, problems);
        CheckTimes(s, problems);
        if (s.Key.Length != 32)
            problems.Add($"guardian settings: key has {s.Key.Length} bytes; 32 are needed: create one with 'clp cluster init'");
        if (!Enum.IsDefined(s.Policy))
            problems.Add($"guardian settings: policy {(int)s.Policy} is not known; hold, take-over or ask-arbiters are allowed");
        CheckVoting(s, problems);
        if (!Enum.IsDefined(s.Fence))
            problems.Add($"guardian settings: fence kind {(byte)s.Fence} is not known; auto, bpf, nftables or none are allowed");
        return problems;
    }

    private static void CheckVoting(GuardianSettings s, List<string> problems)
    {
        if (!Enum.IsDefined(s.Voting) || !Enum.IsDefined(s.Arbiter))
            problems.Add($"guardian settings: voting mode {(byte)s.Voting} with arbiter kind {(byte)s.Arbiter} is not known: install the matching release");
        if ((s.Policy == PartitionPolicy.AskArbiters) != (s.Voting != VotingMode.None))
            problems.Add($"guardian settings: policy {s.Policy} with voting mode {s.Voting}: ask-arbiters needs a majority of voters or a fence, and no other policy uses them");
        if (s.Voting != VotingMode.Vows && s.Arbiter != VotingArbiter.None)
            problems.Add($"guardian settings: arbiter {s.Arbiter} has a vote, but the voting mode is {s.Voting}; only the mode vows counts votes");
        if (s.Voting == VotingMode.Vows && s.Voters < 3)
            problems.Add($"guardian settings: {s.Voters} voters; a majority that survives the loss of one needs 3: add a witness, a store or a server");
        if (s.Arbiter != VotingArbiter.None && s.Servers.Count % 2 != 0)
            problems.Add($"guardian settings: a voting arbiter beside {s.Servers.Count} servers makes an even number of voters, which helps nobody; use it with an even number of servers");
        if (s.Voting == VotingMode.FenceOnly && s.Servers.Count != 2)
            problems.Add($"guardian settings: voting mode fence only with {s.Servers.Count} servers; it is for a pair");
        if (s.Arbiter == VotingArbiter.Witness ? s.WitnessEndpoints.Count is < 1 or > GuardianSettings.MaxWitnessEndpoints : s.WitnessEndpoints.Count != 0)
            problems.Add($"guardian settings: {s.WitnessEndpoints.Count} witness addresses; 1 to {GuardianSettings.MaxWitnessEndpoints} for a witness, none otherwise");
        if (s.Arbiter != VotingArbiter.None && (s.ArbiterLostAfter < s.Timeout || s.ArbiterLostAfter > TimeSpan.FromHours(1)))
        {
            problems.Add(
                $"guardian settings: arbiter-lost-after {s.ArbiterLostAfter.TotalMilliseconds} ms; the timeout ({s.Timeout.TotalMilliseconds} ms) to 1 h are allowed");
        }
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

    private static void CheckChannels(GuardianSettings s, List<string> problems)
    {
        int count = s.Networks.Count + s.Disks.Count + s.Serials.Count;
        if (count > GuardianSettings.MaxNetworks)
            problems.Add($"guardian settings: {count} heartbeats; at most {GuardianSettings.MaxNetworks} are allowed");
        if (count == 0 && s.Servers.Count > 1)
            problems.Add("guardian settings: no heartbeat between several servers; configure at least one");
        CheckIndices(s, problems);
        foreach (GuardianNetwork network in s.Networks)
        {
            foreach (GuardianPeerAddress peer in network.Peers)
            {
                CheckPeer(s, network.Name, peer.ServerIndex, problems);
                if (peer.Address.AddressFamily != network.OwnAddress.AddressFamily)
                    problems.Add($"guardian settings: network {network.Name} mixes {network.OwnAddress} and {peer.Address}; use one family");
            }
        }

        foreach (GuardianDisk disk in s.Disks)
        {
            CheckDevice(disk.Name, disk.Device, disk.Interval, s.Interval, problems);
            foreach (byte peer in disk.Peers)
                CheckPeer(s, disk.Name, peer, problems);
        }

        foreach (GuardianSerial serial in s.Serials)
        {
            CheckDevice(serial.Name, serial.Device, serial.Interval, s.Interval, problems);
            CheckPeer(s, serial.Name, serial.Peer, problems);
            if (serial.Speed is < 1200 or > 4_000_000)
                problems.Add($"guardian settings: serial line {serial.Name} has speed {serial.Speed}; 1200 to 4000000 are allowed");
        }
    }

    private static void CheckIndices(GuardianSettings s, List<string> problems)
    {
        uint seen = 0;
        IEnumerable<(byte Index, string Name)> all =
            [.. s.Networks.Select(n => (n.Index, n.Name)), .. s.Disks.Select(d => (d.Index, d.Name)), .. s.Serials.Select(c => (c.Index, c.Name))];
        foreach ((byte index, string name) in all)
        {
            if (index >= GuardianSettings.MaxNetworks || (seen & (1u << index)) != 0)
                problems.Add($"guardian settings: heartbeat {name} has index {index}, which is used twice or above 7");
            else
                seen |= 1u << index;
        }
    }

    private static void CheckPeer(GuardianSettings s, string channel, byte peer, List<string> problems)
    {
        if (peer >= GuardianSettings.MaxServers || (s.PeerMask() & (1u << peer)) == 0)
            problems.Add($"guardian settings: heartbeat {channel} names peer {peer}, which is not another server");
    }

    private static void CheckDevice(string name, string device, TimeSpan interval, TimeSpan shortest, List<string> problems)
    {
        if (!device.StartsWith('/'))
            problems.Add($"guardian settings: heartbeat {name} has device '{device}'; an absolute path is needed");
        if (interval < shortest || interval > TimeSpan.FromMinutes(1))
            problems.Add($"guardian settings: heartbeat {name} beats every {interval.TotalMilliseconds} ms; {shortest.TotalMilliseconds} ms (the interval) to 1 min are allowed");
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

        if (s.SchedulingError < TimeSpan.Zero)
            problems.Add($"guardian settings: scheduling error {s.SchedulingError.TotalMilliseconds} ms; 0 (none is judged) or more is allowed");
        if (s.SignInterval <= TimeSpan.Zero || s.HangLimit < 2 * s.SignInterval)
            problems.Add($"guardian settings: hang limit {s.HangLimit.TotalMilliseconds} ms must be at least twice the interval of signs of life, {s.SignInterval.TotalMilliseconds} ms");
        if (s.DaemonRestartLimit <= TimeSpan.Zero || s.StopLimit <= TimeSpan.Zero)
            problems.Add("guardian settings: daemon restart limit and stop limit must be above 0");
    }
}
