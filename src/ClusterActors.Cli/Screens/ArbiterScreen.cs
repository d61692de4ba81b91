using System.Text;
using ClusterActors.Control;

namespace ClusterActors.Cli.Screens;

/// <summary>The arbiters, the grants of the servers and the verdict: the lower part of <c>clpstat -n</c>.</summary>
internal static class ArbiterScreen
{
    public static StringBuilder Append(StringBuilder text, ClusterStatus status)
    {
        foreach (var server in status.Servers)
            text.Append("  GRANT ").Append(server.Name).Append(" : ").Append(server.State is "Offline" or "Unknown" ? "not known, the server is silent" : server.Grant).Append('\n');
        foreach (var arbiter in status.Arbiters)
            text.Append("  ARB ").Append(arbiter.Name).Append(" (").Append(arbiter.Type).Append(", ").Append(arbiter.Kind).Append(") : ")
                .Append(arbiter.State).Append(arbiter.Detail.Length > 0 ? ", " + arbiter.Detail : "").Append('\n');
        if (status.Verdict is { } verdict)
            text.Append("  VERDICT : ").Append(verdict).Append('\n');
        if (status.LastVerdict is { } last)
            text.Append("  LAST    : ").Append(last).Append('\n');
        return text;
    }
}
