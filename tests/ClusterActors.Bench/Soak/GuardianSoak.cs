using System.Diagnostics;
using ClusterActors.Bench.Failover;

namespace ClusterActors.Bench.Soak;

/// <summary>
/// The guardians under load and at work: programs start and stop, the group moves, node daemons are killed and come back, all the time.
/// Fails when a guardian beat more than 10 ms late while the machine ran, collections of garbage included, and when a living server was counted as down.
/// </summary>
internal sealed class GuardianSoak : IBench
{
    /// <summary>Five deaths of a daemon in 10 s make its server safe; this keeps well away from it.</summary>
    private static readonly TimeSpan BetweenKills = TimeSpan.FromSeconds(12);

    public string Name => "soak.guardian";

    public string Summary => "16 busy loops, memory pressure, starts, stops, moves and daemon restarts: beat lateness of both guardians (ms, at most 10)";

    public Task<IReadOnlyList<BenchResult>> RunAsync(BenchOptions options, CancellationToken cancellation) => SoakRuns.RunAsync(
        Name, options, (profile, pair, duration, end) => WorkAsync(profile, pair, duration, options.Log, end), cancellation);

    private async Task<IReadOnlyList<BenchResult>> WorkAsync(string profile, Pair pair, TimeSpan duration, Action<string> log, CancellationToken cancellation)
    {
        var start = Stopwatch.GetTimestamp();
        var (killed, kills) = (start, 0);

        // Of a pair that starts, the first server counts the other as down until that one starts as well.
        var lossesBefore = Losses(pair);
        var done = new Dictionary<string, int>();
        while (Stopwatch.GetElapsedTime(start) < duration)
        {
            foreach (var verb in new[] { "move", "stop", "start" })
            {
                cancellation.ThrowIfCancellationRequested();
                var (server, arguments) = (Pair.Servers[done.Values.Sum() % 2], verb switch { "move" => "-m", "stop" => "-t", _ => "-s" });
                // A daemon may just be away, and beside the load a command may take longer than it waits: the next one goes on from there.
                if ((await pair.CommandAsync(server, "clpgrp", arguments, Pair.Group, "-w", "10")).ExitCode == 0)
                    done[verb] = done.GetValueOrDefault(verb) + 1;
            }

            if (Stopwatch.GetElapsedTime(killed) < BetweenKills)
                continue;
            await pair.Lab.KillAsync(Pair.Servers[kills++ % 2], "daemon");
            killed = Stopwatch.GetTimestamp();
        }

        log($"{profile}: {string.Join(", ", done.Select(d => $"{d.Value} x {d.Key}"))}, {kills} daemons killed");
        if (done.Count < 3 || kills == 0)
            throw new BenchFailedException($"{profile}: not every kind of work was done, so the figures prove nothing; give it more time\n{await pair.Lab.LogsAsync()}");
        if (Losses(pair) - lossesBefore is > 0 and var losses)
            throw new BenchFailedException($"{profile}: a server that lived was counted as down {losses} times\n{await pair.Lab.LogsAsync()}");
        return [.. await Punctuality.ReadAsync(Name, profile, pair, log)];
    }

    private static int Losses(Pair pair) => Pair.Servers.Sum(server => pair.CountEvents(server, "nm", 2));
}
