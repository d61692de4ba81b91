using ClusterActors.Model;

namespace ClusterActors.Configuration.Binding;

/// <summary>The heartbeats of every type.</summary>
internal sealed class ChannelBinder(BindingReport report, Section root)
{
    private static readonly string[] Types = ["lan", "disk", "com"];

    /// <summary>Keys that only one type, or two of them, have.</summary>
    private static readonly (string Key, string[] Types)[] Special =
        [("network", ["lan"]), ("device", ["disk", "com"]), ("devices", ["disk", "com"]), ("interval", ["disk"]), ("speed", ["com"])];

    public IReadOnlyList<HeartbeatChannelConfig> Bind(IReadOnlyList<ServerConfig> servers, HeartbeatConfig? times)
    {
        var sections = root.Named("heartbeats", "heartbeat");
        var devices = new DeviceBinder(report, servers, times);
        var bound = new List<HeartbeatChannelConfig>();
        foreach (var (name, section) in sections)
        {
            PlainName.Check(name, "heartbeat", section.Origin, report);
            if (BindOne(name, section, devices) is { } heartbeat) bound.Add(heartbeat);
        }

        // Equal priorities keep the order of the file.
        bound = [.. bound.OrderBy(n => n.Priority)];
        if (sections.Count > ClusterBinder.MaxNetworks) root.Complain("heartbeats", $"heartbeats names {sections.Count} heartbeats; at most {ClusterBinder.MaxNetworks} are allowed");
        if (sections.Count == 0 && servers.Count > 1)
            root.Complain("heartbeats", "heartbeats is missing or empty; write heartbeats { NAME { type = lan, network = 10.0.0.0/24 } } so that the servers hear each other");
        var networks = bound.OfType<LanHeartbeatConfig>().ToList();
        var isComplete = bound.Count == sections.Count;
        if (isComplete && sections.Count > 0 && networks.Count == 0)
            root.Complain("heartbeats", "heartbeats has none of type lan; the daemons talk over its networks, so write at least one");
        new NetworkBinder(report).Check(networks, servers, isComplete);
        devices.Check([.. bound.OfType<DeviceHeartbeatConfig>()]);
        return bound;
    }

    private static HeartbeatChannelConfig? BindOne(string name, Section section, DeviceBinder devices)
    {
        section.ReportUnknownKeys();
        _ = section.Integer("priority", 0, 1000);
        if (!section.Require("type", "write type = lan, disk or com") || section.Text("type") is not { } type) return null;
        if (!Types.Contains(type))
        {
            section.Complain("type", $"{section.FullPath("type")} is '{type}'; it must be lan, disk or com");
            return null;
        }

        foreach (var (key, of) in Special.Where(s => section.IsWritten(s.Key) && !s.Types.Contains(type)))
            section.Complain(key, $"{section.FullPath(key)} is for type {string.Join(" and ", of)}, this heartbeat is of type {type}; remove it");
        return type switch
        {
            "disk" => devices.BindDisk(name, section),
            "com" => devices.BindSerial(name, section),
            _ => NetworkBinder.BindOne(name, section),
        };
    }
}
