namespace ClusterActors.Lab;

/// <summary>
/// Who ran the group's program when, by the program's own word: lines <c>SERVER TERM NS PROCESS</c> that each running process keeps
/// adding to one file outside all hosts. A process counts as running from its first line to its last.
/// </summary>
public sealed class OracleFile
{
    private OracleFile(IReadOnlyList<OracleRun> runs) => Runs = runs;

    /// <summary>One entry for each process, by its start.</summary>
    public IReadOnlyList<OracleRun> Runs { get; }

    public static OracleFile Read(string path)
    {
        if (!File.Exists(path))
            return new OracleFile([]);
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(stream);
        return Parse(reader.ReadToEnd());
    }

    /// <summary>A last line without its end is still being written and is left out.</summary>
    public static OracleFile Parse(string text) => new(
    [
        .. text.Split('\n')[..^1].Select(line => line.Split(' ')).Where(words => words.Length == 4)
            .GroupBy(words => (Server: words[0], Process: words[3]))
            .Select(lines => new OracleRun(lines.Key.Server, lines.First()[1], lines.Min(words => long.Parse(words[2])), lines.Max(words => long.Parse(words[2]))))
            .OrderBy(run => run.FirstAt),
    ]);

    /// <summary>The first two runs on different servers that overlap, as a sentence; null when there are none.</summary>
    public string? TwoAtOnce()
    {
        for (var i = 0; i < Runs.Count; i++)
        {
            foreach (var later in Runs.Skip(i + 1))
            {
                if (later.Server != Runs[i].Server && later.FirstAt <= Runs[i].LastAt)
                    return $"{Runs[i].Server} ran until {Runs[i].LastAt}, {later.Server} from {later.FirstAt}: together for {(Math.Min(Runs[i].LastAt, later.LastAt) - later.FirstAt) / 1e6:F1} ms";
            }
        }

        return null;
    }
}

/// <summary>The life of one process of the group's program; CLOCK_MONOTONIC nanoseconds.</summary>
public sealed record OracleRun(string Server, string Term, long FirstAt, long LastAt);
