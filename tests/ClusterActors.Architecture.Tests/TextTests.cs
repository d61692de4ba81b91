using System.Text.RegularExpressions;

namespace ClusterActors.Architecture.Tests;

/// <summary>Rules for every text file of the checkout. The forbidden words are put together here, so that this file does not hold them.</summary>
public sealed class TextTests
{
    private const int LongestSource = 500;

    [Fact]
    public void Files_must_hold_no_open_ends() =>
        MustNotMatch("open-end", @"\b(TO" + "DO|FIX" + "ME|HA" + "CK|X" + "XX)\\b", "finish it, or file an issue");

    [Fact]
    public void Files_must_name_no_place_of_one_machine() =>
        MustNotMatch("machine-path", "(?<![\\w.~-])/(wo" + "rk|ho" + "me|Us" + "ers)/\\w|[A-Z]:\\\\Us" + "ers", "use a path relative to the checkout, or an argument");

    [Fact]
    public void Files_must_not_end_processes_by_name() =>
        MustNotMatch("by-name", "\\b(pk" + "ill|kill" + "all)\\b", "end processes by id");

    [Fact]
    public void Source_file_must_stay_within_one_concept()
    {
        var findings = Checkout.ProductSources.Select(path => (path, lines: Checkout.Read(path).AsSpan().Count('\n')))
            .Where(file => file.lines > LongestSource)
            .Select(file => new Finding(file.path, file.lines, $"{file.lines} lines; allowed are {LongestSource}"));
        Report("file-length", [.. findings], "split it by concern, or take a pure class out of it");
    }

    [Fact]
    public void Files_must_end_lines_with_a_line_feed_alone()
    {
        var findings = Checkout.TextFiles.Where(path => path.EndsWith(".cs", StringComparison.Ordinal) || path.EndsWith(".md", StringComparison.Ordinal))
            .Where(path => Checkout.Read(path).Contains('\r')).Select(path => new Finding(path, 1, "carriage return"));
        Report("line-end", [.. findings], "./dev format");
    }

    [Fact]
    public void Links_of_documents_must_lead_somewhere()
    {
        var findings = new List<Finding>();
        foreach (var path in Checkout.TextFiles.Where(path => path.EndsWith(".md", StringComparison.Ordinal)))
        {
            var text = Regex.Replace(Checkout.Read(path), "(?s)```.*?```", block => new string('\n', block.Value.Count(character => character == '\n')));
            foreach (Match link in Regex.Matches(text, @"\[[^\]]*\]\(([^)\s]+)\)"))
            {
                var target = link.Groups[1].Value;
                if (!target.Contains("://", StringComparison.Ordinal) && !target.StartsWith("mailto:", StringComparison.Ordinal) && Missing(path, target) is { } missing)
                    findings.Add(new Finding(path, text.AsSpan(0, link.Index).Count('\n') + 1, missing));
            }
        }

        Report("link", findings, "correct the link");
    }

    private static string? Missing(string from, string target)
    {
        var (file, anchor) = target.Split('#', 2) is [var before, var after] ? (before, after) : (target, null);
        var path = file.Length == 0 ? Path.Combine(Checkout.Root, from) : Path.GetFullPath(Path.Combine(Checkout.Root, Path.GetDirectoryName(from)!, file));
        if (!File.Exists(path) && !Directory.Exists(path))
            return $"'{target}' does not exist";
        return anchor is null || !path.EndsWith(".md", StringComparison.Ordinal) || Headings(path).Contains(anchor) ? null : $"'{target}': no such heading";
    }

    private static IEnumerable<string> Headings(string path) => File.ReadLines(path).Where(line => line.StartsWith('#'))
        .Select(line => Regex.Replace(line.TrimStart('#').Trim().ToLowerInvariant(), @"[^\w\- ]", "").Replace(' ', '-'));

    private static void MustNotMatch(string rule, string pattern, string instead)
    {
        var findings = new List<Finding>();
        foreach (var path in Checkout.TextFiles)
        {
            var lines = Checkout.Read(path).Split('\n');
            for (var i = 0; i < lines.Length; i++)
            {
                if (Regex.IsMatch(lines[i], pattern))
                    findings.Add(new Finding(path, i + 1, lines[i].Trim()));
            }
        }

        Report(rule, findings, instead);
    }

    private static void Report(string rule, IReadOnlyList<Finding> findings, string instead)
    {
        var problems = AllowList.Apply(rule, findings);
        Assert.True(problems.Count == 0, string.Join('\n', problems.Prepend($"instead: {instead}")));
    }
}
