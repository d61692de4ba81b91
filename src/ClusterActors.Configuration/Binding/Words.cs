using System.Text;
using ClusterActors.Hocon;

namespace ClusterActors.Configuration.Binding;

/// <summary>Turns of phrase that all problems share.</summary>
internal static class Words
{
    public static string DidYouMean(string word, IEnumerable<string> candidates) =>
        KeyChecks.Nearest(word, candidates) is { } near ? $" (did you mean '{near}'?)" : "";

    public static string List(IEnumerable<string> words)
    {
        var all = words.ToList();
        return all.Count == 0 ? "none" : string.Join(", ", all);
    }

    /// <summary>Shortest exact way to write a duration with a unit.</summary>
    public static string Duration(TimeSpan value)
    {
        var ticks = value.Ticks;
        (long Ticks, string Unit)[] units =
        [
            (TimeSpan.TicksPerHour, "h"), (TimeSpan.TicksPerMinute, "m"), (TimeSpan.TicksPerSecond, "s"), (TimeSpan.TicksPerMillisecond, "ms"), (TimeSpan.TicksPerMicrosecond, "us"),
        ];
        if (ticks == 0) return "0s";
        foreach (var (size, unit) in units)
        {
            if (ticks % size == 0) return $"{ticks / size}{unit}";
        }

        return $"{ticks * 100}ns";
    }

    /// <summary>Shortest exact way to write a size with a unit.</summary>
    public static string Size(long bytes)
    {
        string[] units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
        var unit = 0;
        while (bytes != 0 && bytes % 1024 == 0 && unit < units.Length - 1)
        {
            bytes /= 1024;
            unit++;
        }

        return $"{bytes}{units[unit]}";
    }

    /// <summary>An enum value as written in cluster.conf: <c>StopDaemonAndReboot</c> is <c>stop-daemon-and-reboot</c>.</summary>
    public static string Kebab<T>(T value)
        where T : struct, Enum
    {
        var text = new StringBuilder();
        foreach (var c in value.ToString())
        {
            if (char.IsUpper(c) && text.Length > 0) text.Append('-');
            text.Append(char.ToLowerInvariant(c));
        }

        return text.ToString();
    }
}
