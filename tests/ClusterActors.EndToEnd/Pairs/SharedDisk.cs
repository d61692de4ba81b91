using System.Diagnostics;
using ClusterActors.Lab;

namespace ClusterActors.EndToEnd.Pairs;

/// <summary>A small block device that every host of a lab sees: a loop device over a file, gone when it is disposed.</summary>
internal sealed class SharedDisk : IAsyncDisposable
{
    private readonly string _file;

    private SharedDisk(string file, string device) => (_file, Device) = (file, device);

    public string Device { get; }

    /// <summary>Why there can be none here; null when there can.</summary>
    public static string? MissingReason { get; } = File.Exists("/dev/loop-control") ? null : "no loop devices here";

    public static async Task<SharedDisk> CreateAsync(long bytes = 1 << 20)
    {
        var file = Path.Combine(Path.GetTempPath(), $"clp-disk-{Guid.NewGuid():N}");
        await using (var made = File.Create(file))
            made.SetLength(bytes);
        return new SharedDisk(file, (await LosetupAsync("--find", "--show", file)).Trim());
    }

    public async ValueTask DisposeAsync()
    {
        await LosetupAsync("--detach", Device);
        File.Delete(_file);
    }

    private static async Task<string> LosetupAsync(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("losetup", arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        using var late = new CancellationTokenSource(LabCluster.CommandLimit);
        var output = await process.StandardOutput.ReadToEndAsync(late.Token);
        var errors = await process.StandardError.ReadToEndAsync(late.Token);
        await process.WaitForExitAsync(late.Token);
        return process.ExitCode == 0 ? output : throw new LabException($"losetup {string.Join(' ', arguments)}: {errors}");
    }
}
