using System.Diagnostics;
using ClusterActors.Lab;

namespace ClusterActors.EndToEnd.Pairs;

/// <summary>
/// A small block device that both servers of a pair see, each by a loop device of its own over one file; gone when it is disposed. A cut
/// shows server2 a copy of the disk: both go on without an error of their device, and neither sees what the other one writes.
/// </summary>
internal sealed class SharedDisk : IAsyncDisposable
{
    private const int Bytes = 1 << 20;
    private readonly string _file;

    private SharedDisk(string file, string first, string second) => (_file, First, Second) = (file, first, second);

    /// <summary>Device of server1.</summary>
    public string First { get; }

    /// <summary>Device of server2.</summary>
    public string Second { get; }

    /// <summary>Why there can be none here; null when there can.</summary>
    public static string? MissingReason { get; } = File.Exists("/dev/loop-control") ? null : "no loop devices here";

    public static async Task<SharedDisk> CreateAsync()
    {
        var file = Path.Combine(Path.GetTempPath(), $"clp-disk-{Guid.NewGuid():N}");
        try
        {
            await using (var made = File.Create(file))
                made.SetLength(2 * Bytes);
            var first = await AttachAsync(file);
            try
            {
                return new SharedDisk(file, first, await AttachAsync(file));
            }
            catch
            {
                await LosetupAsync("--detach", first);
                throw;
            }
        }
        catch
        {
            File.Delete(file);
            throw;
        }
    }

    /// <summary>From now on server2 reads and writes a copy.</summary>
    public async Task CutAsync()
    {
        var content = new byte[Bytes];
        await using (var file = new FileStream(_file, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite))
        {
            await file.ReadExactlyAsync(content);
            await file.WriteAsync(content);
        }

        LoopDevice.BeginAt(Second, Bytes);
    }

    /// <summary>Both see the same disk again.</summary>
    public void Heal() => LoopDevice.BeginAt(Second, 0);

    public async ValueTask DisposeAsync()
    {
        await LosetupAsync("--detach", First, Second);
        File.Delete(_file);
    }

    private static async Task<string> AttachAsync(string file) => (await LosetupAsync("--find", "--show", "--sizelimit", $"{Bytes}", file)).Trim();

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
