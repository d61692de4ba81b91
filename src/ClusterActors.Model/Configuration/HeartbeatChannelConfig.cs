using System.Net;

namespace ClusterActors.Model;

/// <summary>One way by which servers hear each other.</summary>
/// <param name="Priority">0 is the most preferred.</param>
public abstract record HeartbeatChannelConfig(HeartbeatName Name, int Priority, SourceLocation Location)
{
    /// <summary>Module of its events, which is also its type in the manuals: lanhb, diskhb or comhb.</summary>
    public abstract string Module { get; }
}

/// <summary>UDP over an IP network.</summary>
public sealed record LanHeartbeatConfig(HeartbeatName Name, IPNetwork Network, int Priority, SourceLocation Location)
    : HeartbeatChannelConfig(Name, Priority, Location)
{
    public override string Module => "lanhb";
}

/// <summary>A heartbeat below which is a device that each server knows by a path of its own.</summary>
/// <param name="Devices">Path by server; a server that is not in it is not on this heartbeat.</param>
public abstract record DeviceHeartbeatConfig(
    HeartbeatName Name, IReadOnlyDictionary<ServerName, string> Devices, int Priority, SourceLocation Location) : HeartbeatChannelConfig(Name, Priority, Location)
{
    /// <summary>Path on a server, or null when it is not on this heartbeat.</summary>
    public string? DeviceOf(ServerName server) => Devices.GetValueOrDefault(server);
}

/// <summary>Slots of a shared disk.</summary>
/// <param name="Interval">Time between two writes.</param>
public sealed record DiskHeartbeatConfig(
    HeartbeatName Name, IReadOnlyDictionary<ServerName, string> Devices, TimeSpan Interval, int Priority, SourceLocation Location)
    : DeviceHeartbeatConfig(Name, Devices, Priority, Location)
{
    public override string Module => "diskhb";
}

/// <summary>A serial line between two servers.</summary>
/// <param name="Speed">Bits a second.</param>
public sealed record SerialHeartbeatConfig(
    HeartbeatName Name, IReadOnlyDictionary<ServerName, string> Devices, int Speed, int Priority, SourceLocation Location)
    : DeviceHeartbeatConfig(Name, Devices, Priority, Location)
{
    public override string Module => "comhb";
}
