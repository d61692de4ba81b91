using System.Globalization;
using System.Text;

namespace ClusterActors.Witness.Administration;

/// <summary>The status for people.</summary>
internal static class StatusText
{
    public static string Render(WitnessStatus status)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"witness up for {TimeSpan.FromSeconds((long)status.UptimeSeconds):c}, {status.Clusters.Count} clusters; datagrams unknown {status.UnknownDatagrams}, dropped {status.DroppedDatagrams}\n");
        foreach (var cluster in status.Clusters)
            Append(text, cluster);
        return text.ToString();
    }

    private static void Append(StringBuilder text, ClusterStatus cluster)
    {
        var state = cluster.IsRegistered ? "registered" : $"NOT REGISTERED ({(cluster.UnregisteredBecause.Length > 0 ? cluster.UnregisteredBecause : "new store")}; registered so far: {List(cluster.Registered)})";
        text.Append(CultureInfo.InvariantCulture, $"\ncluster {cluster.Name}: term {cluster.Term}, {state}, epoch {cluster.Epoch}\n");
        if (cluster.Vote.Length > 0)
            text.Append(CultureInfo.InvariantCulture, $"  vote for term {cluster.Vote}, which excludes {List(cluster.VoteExcludes)}\n");
        if (cluster.StartWaitMilliseconds > 0)
            text.Append(CultureInfo.InvariantCulture, $"  start-up wait: no vote for {cluster.StartWaitMilliseconds} ms\n");
        if (cluster.Forged > 0)
            text.Append(CultureInfo.InvariantCulture, $"  {cluster.Forged} datagrams with a wrong key: take the cluster's file again, or look who sends them\n");
        foreach (var server in cluster.Servers)
        {
            text.Append(server.Seen
                ? string.Create(CultureInfo.InvariantCulture, $"  server {server.Index}  {server.Source}  term {server.Term}  heard {server.SilentMilliseconds} ms ago  vow {server.VowMilliseconds} ms  last answer {server.Answer}\n")
                : string.Create(CultureInfo.InvariantCulture, $"  server {server.Index}  not heard since the witness started\n"));
        }
    }

    private static string List(IReadOnlyList<int> servers) => servers.Count == 0 ? "none" : string.Join(", ", servers.Select(s => $"server {s}"));
}
