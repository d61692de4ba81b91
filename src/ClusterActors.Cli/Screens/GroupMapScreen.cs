using System.Text;
using ClusterActors.Control;

namespace ClusterActors.Cli.Screens;

/// <summary><c>clpstat -g</c>: which group runs where.</summary>
internal static class GroupMapScreen
{
    private const string Nowhere = "nowhere";

    public static string Render(ClusterStatus status)
    {
        var text = new StringBuilder(1024).Title("GROUPMAP INFORMATION").ServerList(status);
        text.Append("  o online   p pending   f failure   x offline   - unknown\n");
        for (var i = 0; i < status.Servers.Count; i++)
        {
            var server = status.Servers[i];
            Row(text, $"server{i} [{ServerMark(server.State)}]", status.Groups.Where(group => Same(group.CurrentServer, server.Name)));
        }

        var nowhere = status.Groups.Where(group => !status.Servers.Any(server => Same(group.CurrentServer, server.Name))).ToArray();
        if (nowhere.Length > 0)
            Row(text, Nowhere, nowhere);
        return text.End().ToString();
    }

    private static void Row(StringBuilder text, string place, IEnumerable<GroupStatus> groups)
    {
        var marks = string.Join(' ', groups.Select(group => $"{group.Name}[{GroupMark(group.State)}]"));
        text.Append("    ").Padded(place, 12).Append(" : ").Append(marks.Length > 0 ? marks : "-").Append('\n');
    }

    private static bool Same(string? left, string right) => string.Equals(left, right, StringComparison.OrdinalIgnoreCase);

    private static char ServerMark(string state) => state switch
    {
        "Online" or "Caution" => 'o',
        "Offline" => 'x',
        _ => '-',
    };

    private static char GroupMark(string state) => state switch
    {
        "Online" => 'o',
        "Online Pending" or "Offline Pending" => 'p',
        "Online Failure" or "Offline Failure" => 'f',
        "Offline" => 'x',
        _ => '-',
    };
}
