using ClusterActors.Hocon;
using ClusterActors.Model;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Configuration.Binding;

/// <summary>Heartbeats over a shared disk or a serial line.</summary>
internal sealed class DeviceBinder(BindingReport report, IReadOnlyList<ServerConfig> servers, HeartbeatConfig? times)
{
    private const string DeviceForm = "an absolute path below /dev, such as /dev/disk/by-id/NAME or /dev/ttyS0";

    public DiskHeartbeatConfig? BindDisk(string name, Section section)
    {
        var priority = section.Integer("priority", 0, 1000);
        var devices = Devices(section);
        var interval = Interval(section);
        return priority is null || devices is null || interval is null
            ? null
            : new DiskHeartbeatConfig(new HeartbeatName(name), devices, interval.Value, priority.Value, BindingReport.Location(section.Origin));
    }

    public SerialHeartbeatConfig? BindSerial(string name, Section section)
    {
        var priority = section.Integer("priority", 0, 1000);
        var speed = section.Integer("speed", 1200, 4_000_000);
        var devices = Devices(section);
        if (servers.Count > 0 && servers.Count != 2)
        {
            section.Complain("type", $"{section.FullPath("type")} is com, a line between two servers, but the cluster has {servers.Count}; use lan or disk");
            return null;
        }

        return priority is null || devices is null || speed is null
            ? null
            : new SerialHeartbeatConfig(new HeartbeatName(name), devices, speed.Value, priority.Value, BindingReport.Location(section.Origin));
    }

    /// <summary>Each server must have each device, and for one purpose only.</summary>
    public void Check(IReadOnlyList<DeviceHeartbeatConfig> heartbeats)
    {
        foreach (var server in servers)
        {
            var used = new Dictionary<string, HeartbeatChannelConfig>(StringComparer.Ordinal);
            foreach (var heartbeat in heartbeats)
            {
                if (heartbeat.DeviceOf(server.Name) is { } device && !used.TryAdd(device, heartbeat))
                    report.Add(heartbeat.Location, $"heartbeat '{heartbeat.Name}' uses {device} on '{server.Name}', which heartbeat '{used[device].Name}' ({used[device].Location}) uses too; each device is used once");
            }
        }
    }

    private TimeSpan? Interval(Section section)
    {
        if (times is not { Interval.Ticks: > 0 }) return section.Value("interval") is null ? TimeSpan.Zero : section.Duration("interval", TimeSpan.Zero, TimeSpan.MaxValue);
        if (section.Value("interval") is null) return times.Interval;
        if (section.Duration("interval", times.Interval, TimeSpan.FromMinutes(1)) is not { } interval) return null;
        if (interval * 3 <= times.Timeout) return interval;
        section.Complain(
            "interval",
            $"{section.FullPath("interval")} is {Words.Duration(interval)}; it must be at most a third of the timeout {Words.Duration(times.Timeout)}, "
            + "otherwise a server that lives looks silent between two beats");
        return null;
    }

    /// <summary>The path of each server: its own from devices, else the common one from device.</summary>
    private Dictionary<ServerName, string>? Devices(Section section)
    {
        var common = section.Text("device");
        var isGood = common is null || IsPath(section, "device", common);
        var own = Own(section);
        if (own is null || !isGood) return null;
        var missing = servers.Where(s => common is null && !own.ContainsKey(s.Name)).Select(s => s.Name.Value).ToList();
        if (missing.Count == 0) return servers.ToDictionary(s => s.Name, s => own.GetValueOrDefault(s.Name) ?? common!);
        if (section.Value("device") is null)
            section.Complain("device", $"{section.FullPath("device")} is missing and {section.FullPath("devices")} names none for {string.Join(", ", missing)}; write device = {DeviceForm}");
        return null;
    }

    private Dictionary<ServerName, string>? Own(Section section)
    {
        var found = new Dictionary<ServerName, string>();
        if (section.Value("devices") is not { } value) return found;
        if (value is not ConfigObject map) return section.Wrong<Dictionary<ServerName, string>>("devices", value, "an object such as { server1 = /dev/sdb1 }");
        var isGood = true;
        foreach (var field in map.Fields)
        {
            var path = $"{section.FullPath("devices")}.{field.Key}";
            if (servers.Count > 0 && servers.All(s => s.Name != new ServerName(field.Key)))
                report.Add(field.KeyOrigin, $"{path}: there is no server '{field.Key}'; servers are {Words.List(servers.Select(s => s.Name.Value))}{Words.DidYouMean(field.Key, servers.Select(s => s.Name.Value))}");
            else if (found.ContainsKey(new ServerName(field.Key)))
                report.Add(field.KeyOrigin, $"{path}: server '{field.Key}' is there already; host names are compared ignoring case, remove one");
            else if (field.Value is ConfigScalar { Text: var text } && IsPath(text))
                found.Add(new ServerName(field.Key), text);
            else
                report.Add(field.KeyOrigin, $"{path} is {Section.Describe(field.Value)}; it must be {DeviceForm}");
            isGood &= found.ContainsKey(new ServerName(field.Key));
        }

        return isGood ? found : null;
    }

    private static bool IsPath(Section section, string key, string text)
    {
        if (IsPath(text)) return true;
        section.Complain(key, $"{section.FullPath(key)} is '{text}'; it must be {DeviceForm}");
        return false;
    }

    /// <summary>In one form only: by another one the same device would pass for a second.</summary>
    private static bool IsPath(string text) =>
        text.StartsWith("/dev/", StringComparison.Ordinal) && text[1..].Split('/').All(part => part.Length > 0 && part is not ("." or "..") && !part.Any(char.IsControl));
}
