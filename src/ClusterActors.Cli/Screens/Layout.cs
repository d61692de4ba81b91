using System.Globalization;
using System.Text;

namespace ClusterActors.Cli.Screens;

/// <summary>The rows that all status screens are made of, in the manuals' layout.</summary>
internal static class Layout
{
    private const int Width = 69;

    private const int NameWidth = 17;
    private const int StateWidth = 16;

    /// <summary><c> =====  TITLE  ===== </c> over the whole width.</summary>
    public static StringBuilder Title(this StringBuilder text, string title)
    {
        var bars = Width - title.Length - 4;
        return text.Append(' ').Append('=', bars / 2).Append("  ").Append(title).Append("  ").Append('=', bars - (bars / 2)).Append('\n');
    }

    public static StringBuilder End(this StringBuilder text) => text.Append(' ').Append('=', Width).Append('\n');

    /// <summary>A server or group: name, dots, state; a star for the server that answers.</summary>
    public static StringBuilder Head(this StringBuilder text, string name, bool star, string state, string note)
    {
        var dots = Math.Max(NameWidth - name.Length - 1, 3);
        text.Append(star ? "   *" : "    ").Append(name).Append(' ').Append('.', dots).Append(": ");
        return text.Cell(state, note);
    }

    /// <summary>Something that belongs to a server or group.</summary>
    public static StringBuilder Part(this StringBuilder text, string name, string state, string note = "") =>
        text.Append("      ").Padded(name, NameWidth - 2).Append(": ").Cell(state, note);

    /// <summary>Filled up with blanks on the right.</summary>
    public static StringBuilder Padded(this StringBuilder text, string words, int width) => text.Append(words.PadRight(width));

    public static string Seconds(double seconds) => seconds.ToString(seconds < 10 ? "0.0" : "0", CultureInfo.InvariantCulture);

    /// <summary>Which cluster, and the servers with their star, as the maps begin.</summary>
    public static StringBuilder ServerList(this StringBuilder text, Control.ClusterStatus status)
    {
        text.Append("  Cluster : ").Append(status.Cluster).Append('\n');
        for (var i = 0; i < status.Servers.Count; i++)
        {
            var server = status.Servers[i];
            text.Append(server.IsSelf ? "   *" : "    ").Append("server").Append(i).Append(" : ").Append(server.Name).Append('\n');
        }

        return text;
    }

    private static StringBuilder Cell(this StringBuilder text, string state, string note) =>
        note.Length == 0 ? text.Append(state).Append('\n') : text.Padded(state, StateWidth).Append(' ').Append(note).Append('\n');
}
