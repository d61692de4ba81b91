using System.Globalization;
using ClusterActors.Cli.Parsing;
using ClusterActors.Control;
using ClusterActors.Control.Identity;
using ClusterActors.Heartbeats.Disk;
using ClusterActors.Linux;
using ClusterActors.Linux.Devices;
using ClusterActors.Model;

namespace ClusterActors.Cli.Commands;

/// <summary>What <c>clp doctor</c> finds about the devices of disk and serial heartbeats on this server.</summary>
internal static class DeviceFindings
{
    public static IEnumerable<Finding> Of(Invocation invocation, ClusterConfig? config, bool running)
    {
        if (config is null || Identity(invocation) is not var (self, cluster))
            yield break;
        foreach (var heartbeat in config.Heartbeats.OfType<DeviceHeartbeatConfig>())
        {
            if (heartbeat.DeviceOf(self) is { } path)
                yield return Try($"heartbeat {heartbeat.Name}", () => heartbeat is SerialHeartbeatConfig serial ? Serial(path, serial.Speed, running) : Disk(path, cluster));
        }
    }

    private static (ServerName Self, Guid Cluster)? Identity(Invocation invocation)
    {
        try
        {
            using var identity = ClusterIdentity.Load(invocation.Host.Root);
            return (new ServerName(identity.ServerName), identity.ClusterId);
        }
        catch (IdentityException)
        {
            // The finding "identity" says so.
            return null;
        }
    }

    private static Finding Try(string subject, Func<(bool Good, string Sentence)> look)
    {
        try
        {
            var (good, sentence) = look();
            return new Finding(subject, good, true, sentence);
        }
        catch (LinuxException failure)
        {
            return new Finding(subject, false, true, $"{failure.Message}; compare the path in cluster.conf with what this server has");
        }
    }

    private static (bool, string) Disk(string path, Guid cluster)
    {
        using var device = DirectDevice.Open(path);
        if (!device.IsBlockDevice)
            return (false, $"{path} is no block device; name a partition that all servers share");
        if (device.Length < DiskLayout.PartitionSize)
            return (false, $"{path} has {device.Length} bytes; {DiskLayout.PartitionSize} are needed");
        using var page = new AlignedBuffer(DiskLayout.PageSize);
        var error = device.Read(page, 0, DiskLayout.PageSize, 0);
        if (error != 0)
            throw new LinuxException($"read {path}", error);
        if (DiskHeader.Read(page.Span, out var problem) is not { } header)
            return (false, $"{path}: {problem}");
        return header.ClusterId == cluster
            ? (true, $"{path}: heartbeat partition of this cluster, direct access works")
            : (false, $"{path}: heartbeat partition of cluster {header.ClusterId}, this is {cluster}; 'clp heartbeat init --force' takes it over");
    }

    /// <summary>A line in use is left alone: opening it would drop what waits in it.</summary>
    private static (bool, string) Serial(string path, int speed, bool running)
    {
        if (running)
            return (File.Exists(path), File.Exists(path) ? $"{path} is there; the cluster runs on this server and uses it" : $"{path} does not exist; compare it with what this server has");
        using var line = SerialLine.Open(path, speed);
        return (true, string.Create(CultureInfo.InvariantCulture, $"{path} opens at {speed} bits a second"));
    }
}
