using System.Globalization;

namespace ClusterActors.Bench.Footprint;

/// <summary>What a process uses from now on, read from proc(5).</summary>
internal sealed class ProcessUsage
{
    private readonly int _pid;
    private readonly double _before;
    private readonly IReadOnlyDictionary<string, double> _threadsBefore;

    public ProcessUsage(int pid)
    {
        _pid = pid;
        Name = File.ReadAllText($"/proc/{pid}/comm").Trim();
        _threadsBefore = ReadThreads();
        _before = ReadProcessor();
    }

    public string Name { get; }

    /// <summary>User and system time since the start of the measurement.</summary>
    public double ProcessorMilliseconds() => ReadProcessor() - _before;

    /// <summary>The same by thread, the busiest first; a thread that ended meanwhile is missing.</summary>
    public IEnumerable<(string Name, double Milliseconds)> Threads() => ReadThreads()
        .Select(thread => (File.ReadAllText($"{thread.Key}/comm").Trim(), thread.Value - _threadsBefore.GetValueOrDefault(thread.Key)))
        .OrderByDescending(thread => thread.Item2);

    /// <summary>Proportional share: a page that n processes map counts 1/n.</summary>
    public double PssMegabytes()
    {
        var line = File.ReadLines($"/proc/{_pid}/smaps_rollup").First(text => text.StartsWith("Pss:", StringComparison.Ordinal));
        return double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024 / 1e6;
    }

    /// <summary>Fields 14 and 15 of stat; the kernel scales their sum to the exact time, in clock ticks of 10 ms.</summary>
    private double ReadProcessor()
    {
        const int MillisecondsPerTick = 10;
        var stat = File.ReadAllText($"/proc/{_pid}/stat");
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return (long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)) * MillisecondsPerTick;
    }

    private Dictionary<string, double> ReadThreads()
    {
        var threads = new Dictionary<string, double>();
        foreach (var directory in Directory.GetDirectories($"/proc/{_pid}/task"))
        {
            try
            {
                threads[directory] = long.Parse(File.ReadAllText($"{directory}/schedstat").Split(' ')[0], CultureInfo.InvariantCulture) / 1e6;
            }
            catch (IOException)
            {
                // The thread ended between being listed and being read.
            }
        }

        return threads;
    }
}
