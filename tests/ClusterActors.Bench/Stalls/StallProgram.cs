using System.Runtime.InteropServices;
using System.Text.Json;
using ClusterActors.Bench.Probing;
using ClusterActors.Linux.Realtime;

namespace ClusterActors.Bench.Stalls;

/// <summary>
/// <c>clpbench stalls</c>: how late this machine itself wakes a thread. One thread for each processor, at a higher priority than anything of
/// the product, does nothing but sleep a millisecond at a time: what it misses, no program on this machine could have done.
/// </summary>
internal static partial class StallProgram
{
    private const int Priority = 98;
    private const long Interval = 1_000_000;
    private const long WorthTelling = 3_000_000;

    /// <summary>Kept for each processor; a machine that stalls more often than this is no place to measure on.</summary>
    private const int MaxStalls = 4096;

    public static int Run(CancellationToken stop)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop);
        EndOfInput.Cancels(end);
        if (MemoryLock.TryLockAll() is not 0 and var refused)
            throw new BenchFailedException($"memory cannot be locked (errno {refused}): run as root");
        var watches = Enumerable.Range(0, Environment.ProcessorCount).Select(cpu => new Watch(cpu, end.Token)).ToArray();
        foreach (var watch in watches)
            watch.Start();
        Console.WriteLine("watching");
        Console.Out.Flush();
        end.Token.WaitHandle.WaitOne();
        foreach (var watch in watches)
            watch.Join();
        Console.WriteLine("report " + JsonSerializer.Serialize(watches.SelectMany(watch => watch.Stalls).OrderBy(stall => stall.At)));
        return 0;
    }

    /// <summary>Touches no memory that it did not touch at its start, and never makes garbage.</summary>
    private sealed class Watch
    {
        private readonly RealtimeThread _thread;
        private readonly Stall[] _stalls = new Stall[MaxStalls];
        private readonly int _cpu;
        private readonly CancellationToken _end;
        private int _count;

        public Watch(int cpu, CancellationToken end)
        {
            (_cpu, _end) = (cpu, end);
            _thread = new RealtimeThread($"stalls-{cpu}", SchedulingPolicy.Fifo, Priority, Observe);
        }

        public IEnumerable<Stall> Stalls => _stalls.Take(_count);

        public void Start()
        {
            if (_thread.Start() is not 0 and var refused)
                throw new BenchFailedException($"no real-time priority (errno {refused}): run as root");
        }

        public void Join() => _thread.Join(TimeSpan.FromSeconds(10));

        private void Observe()
        {
            StayOn(_cpu);
            var due = Clock.Nanoseconds + Interval;
            while (!_end.IsCancellationRequested)
            {
                Clock.SleepUntil(due);
                var now = Clock.Nanoseconds;
                if (now - due >= WorthTelling && _count < MaxStalls)
                    _stalls[_count++] = new Stall(_cpu, due, now - due);
                due = Math.Max(due, now) + Interval;
            }
        }
    }

    private static void StayOn(int cpu)
    {
        var mask = 1UL << cpu;
        if (SetAffinity(0, sizeof(ulong), in mask) != 0)
            throw new BenchFailedException($"a thread cannot be kept on processor {cpu}: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    [LibraryImport("libc", EntryPoint = "sched_setaffinity", SetLastError = true)]
    private static partial int SetAffinity(int thread, nuint size, in ulong mask);
}

/// <summary>A time in which a processor ran nothing of this machine's programs, however urgent.</summary>
/// <param name="At">When the thread should have run; monotonic nanoseconds.</param>
/// <param name="Nanoseconds">How much later it ran.</param>
internal readonly record struct Stall(int Cpu, long At, long Nanoseconds);
