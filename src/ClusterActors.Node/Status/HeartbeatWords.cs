using System.Globalization;
using ClusterActors.Model;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Node.Status;

/// <summary>A heartbeat of the configuration in words and figures.</summary>
internal static class HeartbeatWords
{
    /// <summary>The network, or the device on a server.</summary>
    public static string Where(HeartbeatChannelConfig heartbeat, ServerName server) => heartbeat switch
    {
        LanHeartbeatConfig lan => lan.Network.ToString(),
        DeviceHeartbeatConfig device => device.DeviceOf(server) ?? "",
        _ => "",
    };

    public static ChannelPace Pace(ClusterConfig config, HeartbeatChannelConfig heartbeat) => heartbeat switch
    {
        DiskHeartbeatConfig disk => new(disk.Interval, TimeSpan.Zero),
        SerialHeartbeatConfig serial => ChannelPace.OfSerial(config.Heartbeat.Interval, serial.Speed),
        _ => new(config.Heartbeat.Interval, TimeSpan.Zero),
    };

    /// <summary>Why it does not extend the grant.</summary>
    public static string Slow(ChannelPace pace, TimeSpan grant) =>
        $"does not extend the grant: a beat every {Ms(pace.Interval)}{(pace.Transfer > TimeSpan.Zero ? $" that takes {Ms(pace.Transfer)}" : "")}, "
        + $"an answer after {Ms(pace.Round)}, grant {Ms(grant)}";

    private static string Ms(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0.#} ms");
}
