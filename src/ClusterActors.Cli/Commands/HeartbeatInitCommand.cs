using System.Text;
using ClusterActors.Cli.Parsing;
using ClusterActors.Control;
using ClusterActors.Control.Identity;
using ClusterActors.Heartbeats.Disk;
using ClusterActors.Linux;
using ClusterActors.Linux.Devices;

namespace ClusterActors.Cli.Commands;

/// <summary><c>clp heartbeat init --json</c>.</summary>
internal sealed record HeartbeatInitJson(string Device, Guid ClusterId, int Slots);

/// <summary><c>clp heartbeat init DEVICE</c>: makes the partition of a disk heartbeat. What else is on a device is never overwritten unasked.</summary>
internal static class HeartbeatInitCommand
{
    /// <summary>Marks of what may be found, with the place of each; only for the message, since anything but zeros is refused.</summary>
    private static readonly (int At, byte[] Mark, string What)[] Known =
    [
        (0x438, [0x53, 0xEF], "an ext2, ext3 or ext4 file system"),
        (0, "XFSB"u8.ToArray(), "an XFS file system"),
        (0x10040, "_BHRfS_M"u8.ToArray(), "a btrfs file system"),
        (0x218, "LVM2 001"u8.ToArray(), "an LVM physical volume"),
        (0x200, "EFI PART"u8.ToArray(), "a GPT partition table"),
        (0x1FE, [0x55, 0xAA], "a partition table or boot sector"),
    ];

    public static async Task<ExitCode> RunAsync(Invocation invocation)
    {
        var path = invocation.Operands[0];
        using var identity = ClusterIdentity.Load(invocation.Host.Root);
        try
        {
            using var device = DirectDevice.Open(path, exclusively: true);
            if (WhyNot(device, path, identity.ClusterId, invocation.Has("force")) is { } problem)
            {
                await invocation.Host.Error.WriteLineAsync($"clp heartbeat init: {problem}").ConfigureAwait(false);
                return ExitCode.Refused;
            }

            Write(device, path, identity.ClusterId, invocation.Host.Time.GetUtcNow().ToUnixTimeSeconds());
        }
        catch (LinuxException failure)
        {
            await invocation.Host.Error.WriteLineAsync($"clp heartbeat init: {failure.Message}{Advice(failure)}").ConfigureAwait(false);
            return failure.Errno == Errno.NoEntry ? ExitCode.NotFound : ExitCode.Refused;
        }

        invocation.Answer(
            new HeartbeatInitJson(path, identity.ClusterId, DiskLayout.Slots), CliJson.Default.HeartbeatInitJson,
            $"{path}: heartbeat partition of cluster {identity.ClusterId}, {DiskLayout.Slots} slots; name it in cluster.conf: heartbeats {{ NAME {{ type = disk, device = {path} }} }}");
        return ExitCode.Done;
    }

    /// <summary>Why the device must not be initialised, or null.</summary>
    private static string? WhyNot(DirectDevice device, string path, Guid cluster, bool force)
    {
        if (!device.IsBlockDevice)
            return $"{path} is no block device; name a partition that all servers share";
        if (device.Length < DiskLayout.PartitionSize)
            return $"{path} has {device.Length} bytes; {DiskLayout.PartitionSize} are needed";
        if (force)
            return null;
        var length = (int)DiskLayout.PartitionSize;
        using var content = new AlignedBuffer(length);
        Check(device.Read(content, 0, length, 0), $"read {path}");
        if (!content.Span.ContainsAnyExcept((byte)0))
            return null;
        if (DiskHeader.IsMarked(content.Span))
        {
            var owner = DiskHeader.Read(content.Span, out var problem);
            return owner is null ? $"{path}: {problem}"
                : owner.ClusterId == cluster ? $"{path} is a heartbeat partition of this cluster already; nothing is to be done (--force makes it anew)"
                : $"{path} is the heartbeat partition of cluster {owner.ClusterId}, this is {cluster}; --force takes it from that cluster";
        }

        return $"{path} holds {Found(content.Span)}; --force destroys it";
    }

    private static string Found(ReadOnlySpan<byte> content)
    {
        foreach (var (at, mark, what) in Known)
        {
            if (content.Slice(at, mark.Length).SequenceEqual(mark))
                return what;
        }

        return "data of something else (it is not all zero)";
    }

    /// <summary>Empty slots first and the header last: a partition with a header is whole.</summary>
    private static void Write(DirectDevice device, string path, Guid cluster, long now)
    {
        var length = (int)DiskLayout.PartitionSize;
        using var content = new AlignedBuffer(length);
        Check(device.Write(content, 0, length, 0), $"write {path}");
        new DiskHeader(cluster, DiskLayout.Slots, now).Write(content.Span);
        Check(device.Write(content, 0, DiskLayout.PageSize, 0), $"write the header of {path}");
    }

    private static void Check(int error, string what)
    {
        if (error != 0)
            throw new LinuxException(what, error);
    }

    private static string Advice(LinuxException failure) => failure.Errno switch
    {
        Errno.Busy => "; it is mounted or part of something else: name another partition",
        Errno.AccessDenied or Errno.NotPermitted => "; run it as root",
        _ => "",
    };
}
