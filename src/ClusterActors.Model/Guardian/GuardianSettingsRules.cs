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

        if (s.PingInterval <= TimeSpan.Zero || s.HangLimit <= s.PingInterval)
            problems.Add($"guardian settings: hang limit {s.HangLimit.TotalMilliseconds} ms must be above the ping interval {s.PingInterval.TotalMilliseconds} ms");
        if (s.DaemonRestartLimit <= TimeSpan.Zero || s.StopLimit <= TimeSpan.Zero)
            problems.Add("guardian settings: daemon restart limit and stop limit must be above 0");
    }
}
