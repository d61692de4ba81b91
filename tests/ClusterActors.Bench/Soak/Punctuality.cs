using System.Globalization;
using System.Text.RegularExpressions;
using ClusterActors.Bench.Failover;
using ClusterActors.Bench.Probing;
using ClusterActors.Bench.Stalls;

namespace ClusterActors.Bench.Soak;

/// <summary>
/// How late the guardians' beats were, and how much of it was the product's: a beat cannot be sent while the machine runs nothing at all,
/// so what a stall of the machine took off a late beat is not counted against it.
/// </summary>
internal static class Punctuality
{
    private const double WorstAllowed = 10;

    /// <summary>Punctuality of both guardians since their start.</summary>
    public static async Task<IReadOnlyList<BenchResult>> ReadAsync(string name, string profile, Pair pair, Action<string> log)
    {
        var results = new List<BenchResult>();
        foreach (var server in Pair.Servers)
        {
            var figures = await pair.GuardianAsync(server);
            var beats = figures.BeatLateness;
            log($"{profile} {server}: beats 99.9 % {beats.P999Milliseconds:F3} ms, worst {beats.MaxMilliseconds:F3} ms late of {beats.Count} rounds, {figures.Collections} collections, renewals worst {figures.FenceRenewal.MaxMilliseconds:F3} ms");
            results.Add(BenchResult.Single($"{name}.{profile}.{server}.lateness-99.9", "ms", beats.P999Milliseconds));
            results.Add(BenchResult.Single($"{name}.{profile}.{server}.lateness-worst", "ms", beats.MaxMilliseconds));
            results.Add(BenchResult.Single($"{name}.{profile}.{server}.collections", "times", figures.Collections));
        }

        return results;
    }

    /// <summary>Fails when a beat was later by more than is allowed and no stall of the machine explains it.</summary>
    public static IReadOnlyList<BenchResult> Judge(string name, string profile, Pair pair, IReadOnlyList<BenchResult> figures, IReadOnlyList<Stall> stalls, Action<string> log)
    {
        var results = new List<BenchResult>();
        foreach (var server in Pair.Servers)
        {
            var worst = figures.Single(r => r.Name == $"{name}.{profile}.{server}.lateness-worst").Max;
            var late = LateBeats(pair, server);
            foreach (var beat in late)
                log($"{profile} {server}: a beat was {beat.Milliseconds:F1} ms late at {beat.Due:F0}, {Own(beat, stalls):F1} ms of it while the machine ran");
            // The guardian writes down every lateness above its limit, but of those within 10 s only the worst.
            var own = worst > WorstAllowed && late.Any(beat => beat.Milliseconds >= worst - 0.1) ? late.Max(beat => Own(beat, stalls)) : worst;
            results.Add(BenchResult.Single($"{name}.{profile}.{server}.lateness-own", "ms", own));
        }

        return results.Find(r => r.Max > WorstAllowed) is { } bad
            ? throw new BenchFailedException($"{bad.Name}: {bad.Max:F3} ms while the machine ran; {WorstAllowed} ms are allowed, collections included")
            : results;
    }

    /// <summary>What is left of a late beat without the longest stall that lay in it.</summary>
    private static double Own(LateBeat beat, IReadOnlyList<Stall> stalls) => Math.Max(0, beat.Milliseconds - stalls
        .Select(stall => (From: Clock.ToMilliseconds(stall.At), For: Clock.ToMilliseconds(stall.Nanoseconds)))
        .Where(stall => stall.From < beat.Due + beat.Milliseconds && beat.Due < stall.From + stall.For)
        .Select(stall => stall.For).DefaultIfEmpty().Max());

    private static List<LateBeat> LateBeats(Pair pair, string server) =>
    [
        .. Directory.GetFiles(pair.Lab.PathOf(server, "/var/log/clp"), "clpmonp.log*").Order().SelectMany(File.ReadAllLines)
            .Select(line => Regex.Match(line, @"own beats began ([\d.]+) ms late, due at monotonic (\d+) ms")).Where(match => match.Success)
            .Select(match => new LateBeat(Number(match.Groups[2]), Number(match.Groups[1]))),
    ];

    private static double Number(Group group) => double.Parse(group.Value, CultureInfo.InvariantCulture);

    /// <param name="Due">Monotonic milliseconds.</param>
    private readonly record struct LateBeat(double Due, double Milliseconds);
}
