using System.Diagnostics;
using System.Runtime.InteropServices;
using ClusterActors.Bench.Probing;

namespace ClusterActors.Bench.Footprint;

/// <summary>
/// What the machine itself takes for what every start of a program consists of. Virtual machines differ by a factor of fifty in the first touch of a page,
/// and with it in every figure that a new process is part of (<c>clpstat</c>, a program's outage): read those beside these.
/// </summary>
internal sealed partial class MachineBench : IBench
{
    private const int Megabytes = 64;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
    private const int ReadWrite = 3;
    private const int PrivateAnonymous = 0x22;

    public string Name => "machine";

    public string Summary => "first touch of a page (us), and a new process that does nothing, /bin/true (ms): the machine's part in what processes take to start";

    public Task<IReadOnlyList<BenchResult>> RunAsync(BenchOptions options, CancellationToken cancellation)
    {
        var runs = options.Runs ?? 25;
        IReadOnlyList<BenchResult> results =
        [
            BenchResult.Of($"{Name}.page-touch", "us", Enumerable.Range(0, 5).Select(_ => PageTouch())),
            BenchResult.Of($"{Name}.process", "ms", Enumerable.Range(0, runs).Select(_ => ProcessOfNothing())),
        ];
        return Task.FromResult(results);
    }

    private static unsafe double PageTouch()
    {
        nuint size = Megabytes << 20;
        var memory = (byte*)Map(null, size, ReadWrite, PrivateAnonymous, -1, 0);
        if ((nint)memory == -1)
            throw new BenchFailedException($"{Megabytes} MB of memory were refused: {Marshal.GetLastPInvokeErrorMessage()}");
        try
        {
            var (pages, began) = ((int)size / Environment.SystemPageSize, Clock.Nanoseconds);
            for (var page = 0; page < pages; page++)
                memory[page * Environment.SystemPageSize] = 1;
            return (Clock.Nanoseconds - began) / 1000.0 / pages;
        }
        finally
        {
            _ = Unmap(memory, size);
        }
    }

    private static double ProcessOfNothing()
    {
        var began = Clock.Nanoseconds;
        using var process = Process.Start("/bin/true");
        if (!process.WaitForExit(Limit))
            throw new BenchFailedException($"/bin/true did not end within {Limit.TotalSeconds:0} s");
        return Clock.ToMilliseconds(Clock.Nanoseconds - began);
    }

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static unsafe partial void* Map(void* address, nuint size, int protection, int flags, int file, long offset);

    [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
    private static unsafe partial int Unmap(void* address, nuint size);
}
