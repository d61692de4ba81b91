using System.Text;
using ClusterActors.Control;

namespace ClusterActors.Cli.Screens;

/// <summary>
/// <c>clpstat -n</c>: for each server, which servers it hears on which heartbeat. A full row of x on both sides is a partition; an x on
/// one side only is a loss in one direction.
/// </summary>
internal static class HeartbeatScreen
{
    public static string Render(ClusterStatus status)
    {
        var text = new StringBuilder(1024).Title("HEARTBEAT RESOURCE STATUS").ServerList(status);
        for (var i = 0; i < status.Heartbeats.Count; i++)
        {
            var heartbeat = status.Heartbeats[i];
            text.Append("    HB").Append(i).Append(" : ").Append(heartbeat.Name).Append(" (").Append(heartbeat.Type);
            text.Append(heartbeat.Network.Length > 0 ? $" {heartbeat.Network})\n" : ")\n");
        }

        foreach (var slow in status.Heartbeats.Where(heartbeat => heartbeat.Note.Length > 0))
            text.Append("    ").Append(slow.Name).Append(": ").Append(slow.Note).Append('\n');
        text.Append("  o receiving   x lost   - no information (in a server's own row: o usable, x device fault)\n");
        foreach (var observer in status.Servers)
            Matrix(text, status, observer);
        if (status.Arbiters.Count > 0)
            ArbiterScreen.Append(text, status);
        return text.End().ToString();
    }

    private static void Matrix(StringBuilder text, ClusterStatus status, ServerStatus observer)
    {
        var age = observer.IsSelf ? "" : $", as of {Layout.Seconds(observer.AgeSeconds)} s ago";
        text.Append("  [on ").Append(observer.Name).Append(" : ").Append(observer.State).Append(age).Append("]\n");
        text.Append("      ").Padded("HB", 12);
        for (var i = 0; i < status.Heartbeats.Count; i++)
            text.Append(' ').Append(i);
        text.Append('\n');
        foreach (var subject in status.Servers)
        {
            text.Append("      ").Padded(subject.Name, 10).Append(" :");
            foreach (var heartbeat in status.Heartbeats)
                text.Append(' ').Append(Mark(heartbeat, observer.Name, subject.Name));
            text.Append('\n');
        }
    }

    private static string Mark(HeartbeatStatus heartbeat, string observer, string subject) =>
        heartbeat.Hears.FirstOrDefault(entry => entry.Observer == observer && entry.Subject == subject)?.State ?? "-";
}
