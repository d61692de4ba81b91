namespace ClusterActors.Architecture.Tests;

/// <summary>Exceptions from the rules of this project, read from <c>allowed.txt</c>: <c>rule | path | at most | reason</c>.</summary>
internal static class AllowList
{
    private static readonly IReadOnlyList<Entry> Entries =
    [
        .. Checkout.Read("tests/ClusterActors.Architecture.Tests/allowed.txt").Split('\n')
            .Where(line => line.Length > 0 && line[0] != '#').Select(Entry.Parse),
    ];

    /// <summary>
    /// What remains of the findings of one rule: those above the number allowed for their file, and entries that allow more than
    /// there is, so that the list only shrinks.
    /// </summary>
    public static IReadOnlyList<string> Apply(string rule, IReadOnlyList<Finding> findings)
    {
        var allowed = Entries.Where(entry => entry.Rule == rule).ToDictionary(entry => entry.Path, entry => entry.AtMost, StringComparer.Ordinal);
        var problems = new List<string>();
        foreach (var file in findings.GroupBy(finding => finding.Path))
        {
            var limit = allowed.GetValueOrDefault(file.Key);
            if (file.Count() > limit)
                problems.AddRange(file.Select(finding => $"{finding.Path}:{finding.Line}: {rule}: {finding.Text}"));
        }

        foreach (var (path, limit) in allowed)
        {
            var found = findings.Count(finding => finding.Path == path);
            if (found < limit)
                problems.Add($"allowed.txt: {rule} allows {limit} in {path} where {found} are left; lower the number or remove the line");
        }

        return problems;
    }

    private sealed record Entry(string Rule, string Path, int AtMost)
    {
        public static Entry Parse(string line) =>
            line.Split('|', StringSplitOptions.TrimEntries) is [var rule, var path, var atMost, { Length: > 10 }]
                ? new Entry(rule, path, int.Parse(atMost))
                : throw new InvalidDataException($"allowed.txt: '{line}' must be: rule | path | at most | reason");
    }
}

/// <summary>Something in a file that a rule forbids.</summary>
internal sealed record Finding(string Path, int Line, string Text);
