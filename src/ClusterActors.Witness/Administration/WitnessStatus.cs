using System.Text.Json.Serialization;
using ClusterActors.Linux.Time;
using ClusterActors.Witness.Serving;

namespace ClusterActors.Witness.Administration;

/// <summary>What <c>clpwitness status</c> and the administration port show.</summary>
public sealed record WitnessStatus(double UptimeSeconds, long UnknownDatagrams, long DroppedDatagrams, IReadOnlyList<ClusterStatus> Clusters)
{
    /// <summary>On the loop's thread.</summary>
    internal static WitnessStatus Of(WitnessService service) =>
        new(Math.Round(service.Uptime.TotalSeconds, 3), service.Unknown, service.Dropped, [.. service.Clusters.Select(c => ClusterStatus.Of(c, BootClock.NowNanoseconds()))]);
}

/// <summary>One cluster.</summary>
/// <param name="Epoch">Grows with each durable change and each start.</param>
/// <param name="Registered">Names nobody: index bits, as numbers.</param>
/// <param name="UnregisteredBecause">Why it gives nothing; empty when it does, or never did.</param>
/// <param name="Vote">Term that has the vote and is not in force yet; empty = none.</param>
/// <param name="VoteExcludes">Servers that it would exclude.</param>
/// <param name="StartWaitMilliseconds">Rest of the start-up wait.</param>
public sealed record ClusterStatus(
    string Name, Guid ClusterId, Guid StoreId, ulong Epoch, string Term, bool IsRegistered, IReadOnlyList<int> Registered, string UnregisteredBecause,
    string Vote, IReadOnlyList<int> VoteExcludes, long StartWaitMilliseconds, long Requests, long Forged, long Late, IReadOnlyList<ServerStatus> Servers)
{
    internal static ClusterStatus Of(HostedCluster cluster, long now)
    {
        var (voter, record) = (cluster.Voter, cluster.Voter.Record);
        return new ClusterStatus(
            cluster.File.Name, cluster.File.ClusterId, record.StoreId, record.Epoch, record.Term.ToString(), voter.IsRegistered,
            Indexes(voter.IsRegistered ? record.Registered : voter.Registering), voter.UnregisteredBecause,
            record.Vote.IsOut ? record.Vote.Term.ToString() : "", Indexes(record.Vote.Excluded), Milliseconds(voter.StartWaitEnd - now),
            cluster.Requests, cluster.Forged, voter.LateRequests, [.. Enumerable.Range(0, voter.ServerCount).Select(i => ServerStatus.Of(cluster, i, now))]);
    }

    internal static long Milliseconds(long nanoseconds) => Math.Max(0, nanoseconds) / 1_000_000;

    private static List<int> Indexes(uint bits) => [.. Enumerable.Range(0, 32).Where(i => (bits & (1u << i)) != 0)];
}

/// <summary>One server, by its place in the configured order.</summary>
/// <param name="Seen">It was heard since the witness started; the rest means something only then.</param>
/// <param name="VowMilliseconds">Rest of the vow to it.</param>
/// <param name="Answer">Verdict of the last answer.</param>
public sealed record ServerStatus(int Index, bool Seen, string Source, string Incarnation, string Term, long SilentMilliseconds, long VowMilliseconds, string Answer)
{
    internal static ServerStatus Of(HostedCluster cluster, int index, long now)
    {
        var view = cluster.Voter.View(index);
        return view.Met
            ? new ServerStatus(index, true, cluster.SourceOf(index), view.Incarnation.ToString(), view.Term.ToString(), ClusterStatus.Milliseconds(now - view.HeardAt), ClusterStatus.Milliseconds(view.VowUntil - now), view.Verdict.ToString())
            : new ServerStatus(index, false, "", "", "", 0, 0, "");
    }
}

/// <summary>Answer to a command.</summary>
/// <param name="Done">It was done.</param>
/// <param name="Sentences">What was done, or why not.</param>
public sealed record CommandAnswer(bool Done, IReadOnlyList<string> Sentences);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(WitnessStatus))]
[JsonSerializable(typeof(CommandAnswer))]
internal sealed partial class WitnessJson : JsonSerializerContext;
