using System.Globalization;
using ClusterActors.Model;
using ClusterActors.Model.Events;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Cluster.Membership;

/// <summary>What the guardian says about a heartbeat, as events of the heartbeat's own module.</summary>
internal static class HeartbeatEvents
{
    /// <summary>The event for a device's new state; null where there is none to tell.</summary>
    public static EventDraft? OfDevice(HeartbeatChannelConfig heartbeat, ServerName self, ChannelDevice device)
    {
        var (name, path) = (heartbeat.Name.Value, (heartbeat as DeviceHeartbeatConfig)?.DeviceOf(self) ?? "");
        return (heartbeat, device.State) switch
        {
            (DiskHeartbeatConfig, DeviceState.Missing) => DiskhbEvents.DeviceMissing(path, name),
            (DiskHeartbeatConfig, DeviceState.WrongKind) => DiskhbEvents.DeviceNotBlock(path, name),
            (DiskHeartbeatConfig, DeviceState.NotUsable) => DiskhbEvents.RawMissing(path, name),
            (DiskHeartbeatConfig, DeviceState.NotOurs) => DiskhbEvents.BindFailed(path, name, $"a slot of this cluster ({device.Detail})"),
            (DiskHeartbeatConfig, DeviceState.Failed or DeviceState.Hanging) => DiskhbEvents.DeviceFailed(path, name, device.Detail),
            (DiskHeartbeatConfig, DeviceState.Ready) => DiskhbEvents.DeviceWorks(path, name),
            (SerialHeartbeatConfig, DeviceState.Missing) => ComhbEvents.DeviceMissing(path),
            (SerialHeartbeatConfig, DeviceState.WrongKind or DeviceState.NotUsable) => ComhbEvents.OpenFailed(path),
            (SerialHeartbeatConfig, DeviceState.Failed or DeviceState.Hanging) => ComhbEvents.DeviceFailed(path, name, device.Detail),
            (SerialHeartbeatConfig, DeviceState.Ready) => ComhbEvents.DeviceWorks(path, name),
            _ => null,
        };
    }

    /// <summary>The own device does not work: nothing is known of the servers on the other side.</summary>
    public static IEnumerable<EventDraft> OfUnknown(HeartbeatChannelConfig heartbeat, ClusterConfig config, ServerName self) =>
        config.Servers.Select(s => s.Name)
            .Where(server => server != self && heartbeat is DeviceHeartbeatConfig device && device.DeviceOf(server) is not null)
            .Select(server => NmEvents.HeartbeatUnknown(heartbeat.Name.Value, server.Value));

    /// <summary>The event for late beats; <paramref name="server"/> is null when the delay is one of the device.</summary>
    public static EventDraft OfLate(HeartbeatChannelConfig heartbeat, ServerName self, string? server, ChannelLate late)
    {
        var (name, elapsed, limit) = (heartbeat.Name.Value, Words(late.Elapsed), Words(late.Limit));
        var path = (heartbeat as DeviceHeartbeatConfig)?.DeviceOf(self) ?? "";
        return (heartbeat, server, late.Side) switch
        {
            (DiskHeartbeatConfig, null, LateSide.Sender) => DiskhbEvents.WritingLate(name, path, elapsed, limit),
            (DiskHeartbeatConfig, null, _) => DiskhbEvents.ReadingLate(name, path, elapsed, limit),
            (SerialHeartbeatConfig, null, LateSide.Sender) => ComhbEvents.SendingLate(name, path, elapsed, limit),
            (SerialHeartbeatConfig, null, _) => ComhbEvents.ReceivingLate(name, elapsed, limit),
            (LanHeartbeatConfig, null, _) or (LanHeartbeatConfig, _, LateSide.Receiver) => LanhbEvents.ReceivingLate(name, elapsed, limit),
            (DiskHeartbeatConfig, not null, _) => DiskhbEvents.BeatsOfPeerLate(name, server, elapsed, limit, late.Cause),
            (SerialHeartbeatConfig, not null, LateSide.Receiver) => ComhbEvents.ReceivingLate(name, elapsed, limit),
            (SerialHeartbeatConfig, not null, _) => ComhbEvents.BeatsOfPeerLate(name, server, elapsed, limit, late.Cause),
            _ => LanhbEvents.BeatsOfPeerLate(name, server ?? "", elapsed, limit, late.Cause),
        };
    }

    /// <summary>The guardian stood still: it sent and took in late on every network. Devices have threads of their own.</summary>
    public static IEnumerable<EventDraft> OfStall(ClusterConfig config, ServerName self, TimeSpan gap)
    {
        var others = string.Join(", ", config.Servers.Select(s => s.Name).Where(s => s != self));
        foreach (var network in others.Length > 0 ? config.LanHeartbeats : [])
        {
            yield return LanhbEvents.SendingLate(network.Name.Value, others, Words(gap), Words(config.Heartbeat.Timeout));
            yield return LanhbEvents.ReceivingLate(network.Name.Value, Words(gap), Words(config.Heartbeat.Timeout));
        }
    }

    private static string Words(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0} ms");
}
