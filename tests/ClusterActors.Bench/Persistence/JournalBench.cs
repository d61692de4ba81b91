using System.Diagnostics;
using ClusterActors.Persistence;
using ClusterActors.Persistence.Sqlite;

namespace ClusterActors.Bench.Persistence;

/// <summary>
/// The journal alone, without actors: 32 writers, each hands in its next write when the last one is confirmed on the disk. With one
/// event a write this is the plain mark; with ten it is what PersistAll gives.
/// </summary>
internal sealed class JournalBench : IBench
{
    private const int Writers = 32;

    public string Name => "persistence.journal";

    public string Summary => "SQLite journal, synced before each confirmation, 32 writers of 200 B events (events/s, ms)";

    public async Task<IReadOnlyList<BenchResult>> RunAsync(BenchOptions options, CancellationToken cancellation)
    {
        var results = new List<BenchResult>();
        foreach (var (writers, eventsPerWrite) in new[] { (1, 1), (Writers, 1), (Writers, 10) })
        {
            var rates = new List<double>();
            var latencies = new List<double>();
            for (var run = 0; run < (options.Runs ?? 3); run++)
            {
                rates.Add(await MeasureAsync(writers, eventsPerWrite, options.Duration ?? TimeSpan.FromSeconds(2), latencies));
            }

            var name = $"{Name}.{writers}x{eventsPerWrite}";
            results.Add(BenchResult.Of($"{name}.rate", "events/s", rates));
            results.Add(BenchResult.Of($"{name}.confirmed", "ms", latencies));
        }

        return results;
    }

    private static async Task<double> MeasureAsync(int writers, int eventsPerWrite, TimeSpan duration, List<double> latencies)
    {
        var directory = Directory.CreateTempSubdirectory("clpbench-journal-");
        try
        {
            await using var store = SqliteStore.Open(Path.Combine(directory.FullName, "journal.db"), TimeProvider.System);
            await Task.WhenAll(Enumerable.Range(0, writers).Select(n => WriteForAsync(store, $"warm-{n}", eventsPerWrite, TimeSpan.FromSeconds(0.3), [])));
            var start = Stopwatch.GetTimestamp();
            var perWriter = Enumerable.Range(0, writers).Select(_ => new List<double>()).ToList();
            var counts = await Task.WhenAll(perWriter.Select((own, n) => WriteForAsync(store, $"writer-{n}", eventsPerWrite, duration, own)));
            var elapsed = Stopwatch.GetElapsedTime(start);
            latencies.AddRange(perWriter.SelectMany(l => l));
            return counts.Sum() / elapsed.TotalSeconds;
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    private static async Task<long> WriteForAsync(SqliteStore store, string id, int eventsPerWrite, TimeSpan duration, List<double> latencies)
    {
        var form = new StoredForm("bench.event", 1, new byte[200]);
        var claim = await store.ClaimAsync(id);
        var start = Stopwatch.GetTimestamp();
        long written = 0;
        while (Stopwatch.GetElapsedTime(start) < duration)
        {
            var began = Stopwatch.GetTimestamp();
            var events = new JournalEvent[eventsPerWrite];
            for (var i = 0; i < eventsPerWrite; i++)
            {
                events[i] = new JournalEvent(++written, form, DateTimeOffset.UnixEpoch);
            }

            await store.WriteAsync(id, claim.Epoch, events);
            latencies.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        }

        return written;
    }
}
