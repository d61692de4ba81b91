using ClusterActors.Cluster.Membership;
using ClusterActors.Control;
using ClusterActors.Model;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Node.Status;

/// <summary>
/// Every network and the node link towards every server, judged both ways from what is being measured all the time. What has to be tried
/// is in <see cref="PortChecks"/>.
/// </summary>
internal static class ClusterChecks
{
    public static CheckReport Judge(ClusterConfig config, ServerName self, MembershipView? membership)
    {
        var results = new List<CheckResult>();
        if (membership is null)
            return new([new CheckResult(self.Value, self.Value, "guardian", false, "no word from the guardian yet")]);
        results.Add(new(self.Value, self.Value, "guardian", membership.GuardianConnected, membership.GuardianConnected ? $"connected, grant: {membership.GrantReason}" : "not connected"));
        results.AddRange(Devices(config, self, membership));
        foreach (var member in membership.Members.Where(m => !m.IsSelf))
        {
            results.Add(new(self.Value, member.Server.Value, $"node link, tcp {config.Ports.NodeLink}", member.LinkUp, member.LinkUp ? "connected, both ways authenticated" : "not connected"));
            results.Add(new(self.Value, member.Server.Value, "configuration", member.LinkConfigHash is null || member.LinkConfigHash == config.Hash,
                member.LinkConfigHash is null ? "not told yet" : member.LinkConfigHash == config.Hash ? "the same cluster.conf" : "another cluster.conf: no automatic takeover"));
            for (var i = 0; i < config.Heartbeats.Count; i++)
                results.AddRange(Heartbeat(config, self, membership, member, i));
        }

        return new(results);
    }

    private static IEnumerable<CheckResult> Devices(ClusterConfig config, ServerName self, MembershipView membership)
    {
        for (var i = 0; i < config.Heartbeats.Count; i++)
        {
            if (config.Heartbeats[i] is not DeviceHeartbeatConfig heartbeat || heartbeat.DeviceOf(self) is not { } path)
                continue;
            var device = membership.Devices.FirstOrDefault(d => d.Network == i);
            var sentence = device is null ? "the guardian has not said" : device.State == DeviceState.Ready ? "works" : $"{device.State}: {device.Detail}";
            yield return new(self.Value, self.Value, $"{heartbeat.Name}, device {path}", device?.State == DeviceState.Ready, sentence);
        }
    }

    private static IEnumerable<CheckResult> Heartbeat(ClusterConfig config, ServerName self, MembershipView membership, Member member, int network)
    {
        var heartbeat = config.Heartbeats[network];
        var what = heartbeat switch
        {
            LanHeartbeatConfig lan => $"{lan.Name} {lan.Network}, udp {config.Ports.Heartbeat}",
            SerialHeartbeatConfig serial => $"{serial.Name}, serial line {HeartbeatWords.Where(serial, self)} at {serial.Speed}",
            _ => $"{heartbeat.Name}, slots on {HeartbeatWords.Where(heartbeat, self)}",
        };
        var here = membership.Channels.FirstOrDefault(c => c.Network == network && c.Heard == member.Server)?.State ?? ChannelState.Unknown;
        yield return new(member.Server.Value, self.Value, what, here is ChannelState.Up or ChannelState.Late, $"{here} as {self} hears it");
        var there = member.Report?.Hears.FirstOrDefault(h => h.Heartbeat == heartbeat.Name.Value && h.Heard == self)?.State;
        yield return new(self.Value, member.Server.Value, what, there is nameof(ChannelState.Up) or nameof(ChannelState.Late),
            there is null ? $"{member.Server} has not said" : $"{there} as {member.Server} hears it");
    }
}
