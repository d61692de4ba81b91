namespace ClusterActors.Simulation.Running;

/// <param name="Old">Text that is in the file exactly once.</param>
/// <param name="New">What takes its place.</param>
internal sealed record MutationEdit(string File, string Old, string New);

/// <summary>
/// A fault planted into the sources, which the simulation has to find. A file of <c>mutations</c> reads
/// <code>
/// what: one sentence
/// file: path in the checkout
/// options: further options of the run (may be missing)
/// &lt;&lt;&lt;&lt;
/// old text
/// ====
/// new text
/// &gt;&gt;&gt;&gt;
/// </code>
/// with one or more such edits, each in the file named last.
/// </summary>
internal sealed record Mutation(string Name, string What, string[] Options, IReadOnlyList<MutationEdit> Edits)
{
    public static IReadOnlyList<Mutation> ReadAll(string folder) =>
        [.. Directory.GetFiles(folder, "*.mutation").Order(StringComparer.Ordinal).Select(path => Parse(Path.GetFileNameWithoutExtension(path), File.ReadAllText(path)))];

    /// <exception cref="FormatException">The file is not of this form.</exception>
    public static Mutation Parse(string name, string text)
    {
        string what = "", file = "";
        string[] options = [];
        var edits = new List<MutationEdit>();
        string[] lines = text.Split('\n');
        for (int i = 0; i < lines.Length; i++)
        {
            if (lines[i].StartsWith("what: ", StringComparison.Ordinal))
                what = lines[i][6..];
            else if (lines[i].StartsWith("file: ", StringComparison.Ordinal))
                file = lines[i][6..];
            else if (lines[i].StartsWith("options: ", StringComparison.Ordinal))
                options = lines[i][9..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            else if (lines[i] == "<<<<")
                edits.Add(ReadEdit(name, file, lines, ref i));
            else if (lines[i].Length > 0)
                throw new FormatException($"mutation {name}, line {i + 1}: '{lines[i]}' is neither what, file, options nor <<<<");
        }

        return what.Length > 0 && edits.Count > 0 ? new Mutation(name, what, options, edits) : throw new FormatException($"mutation {name}: it lacks 'what' or an edit");
    }

    /// <summary>Null, or why the mutation does not fit the sources any more.</summary>
    public string? WhyNot(string root)
    {
        foreach (MutationEdit edit in Edits)
        {
            string path = Path.Combine(root, edit.File);
            int found = File.Exists(path) ? File.ReadAllText(path).Split(edit.Old).Length - 1 : -1;
            if (found != 1)
                return $"mutation {Name}: its old text is {(found < 0 ? "for a file that is not there" : $"{found} times")} in {edit.File}; it must be there once: adapt the mutation";
        }

        return null;
    }

    /// <summary>Plants it; what it returns are the files as they were.</summary>
    public IReadOnlyDictionary<string, string> Apply(string root)
    {
        var before = new Dictionary<string, string>();
        foreach (MutationEdit edit in Edits)
        {
            string path = Path.Combine(root, edit.File);
            string text = File.ReadAllText(path);
            before.TryAdd(path, text);
            File.WriteAllText(path, text.Replace(edit.Old, edit.New, StringComparison.Ordinal));
        }

        return before;
    }

    private static MutationEdit ReadEdit(string name, string file, string[] lines, ref int i)
    {
        int middle = Array.IndexOf(lines, "====", i);
        int end = Array.IndexOf(lines, ">>>>", i);
        if (file.Length == 0 || middle < 0 || end < middle)
            throw new FormatException($"mutation {name}, line {i + 1}: an edit needs a file before it, ==== and >>>>");
        string old = Text(lines[(i + 1)..middle]);
        string changed = Text(lines[(middle + 1)..end]);
        i = end;
        return new MutationEdit(file, old, changed);
    }

    private static string Text(string[] lines) => string.Concat(lines.Select(line => line + "\n"));
}
