using System.Globalization;
using ClusterActors.Model.Voting;

namespace ClusterActors.Model.Tests.Voting;

/// <summary>
/// Text form of a verdict's facts, one statement per line, # begins a comment:
/// <code>
/// servers 2 | carried 1 | silent server2 [for=SECONDS] | unproven server2 | booting | heard-by-others server2 | first | helps | hold-promise | fence-delay SECONDS
/// veto NAME not-asked|asking|reachable|isolated ["sentence"]
/// voter NAME TYPE ready|not-yet|voted|refused|silent ["sentence"]
/// fence SERVER none|running|proven|failed|not-covered ["sentence"]
/// </code>
/// </summary>
internal static class VerdictCase
{
    public static VerdictSnapshot Read(string text)
    {
        var facts = new VerdictSnapshot(new("server1"), 2, 1, [], TimeSpan.Zero, [], false, false, false, TimeSpan.FromSeconds(5), [], null, []);
        foreach (var line in text.Split('\n').Where(l => l.Length > 0 && l[0] != '#'))
            facts = Apply(facts, Words(line));
        return facts;
    }

    public static string Render(Verdict verdict) =>
        $"{verdict.Kind} {verdict.Step}{(verdict.Targets.Count > 0 ? " " + string.Join(' ', verdict.Targets) : "")}{(verdict.By.Length > 0 ? $" by {verdict.By}" : "")}\n{verdict.Sentence}\n";

    private static VerdictSnapshot Apply(VerdictSnapshot facts, string[] words) => words[0] switch
    {
        "servers" => facts with { Servers = int.Parse(words[1], CultureInfo.InvariantCulture) },
        "carried" => facts with { Carried = int.Parse(words[1], CultureInfo.InvariantCulture) },
        "silent" => facts with { Silent = Servers(words), SilentFor = TimeSpan.FromSeconds(words.Where(w => w.StartsWith("for=", StringComparison.Ordinal)).Select(w => double.Parse(w[4..], CultureInfo.InvariantCulture)).FirstOrDefault()) },
        "heard-by-others" => facts with { HeardByOthers = Servers(words) },
        "unproven" => facts with { Unproven = Servers(words) },
        "booting" => facts with { IsBooting = true },
        "first" => facts with { ShootsFirst = true },
        "helps" => facts with { Helps = true },
        "hold-promise" => facts with { HoldPromise = true },
        "fence-delay" => facts with { FenceDelay = TimeSpan.FromSeconds(double.Parse(words[1], CultureInfo.InvariantCulture)) },
        "veto" => facts with { Vetoes = [.. facts.Vetoes, new(words[1], State<VetoState>(words[2]), Sentence(words, 3))] },
        "voter" => facts with { Voter = new(words[1], words[2], words[2] != "witness", State<VoterState>(words[3]), Sentence(words, 4)) },
        "fence" => facts with { Fences = [.. facts.Fences, new(new(words[1]), State<FenceState>(words[2]), Sentence(words, 3))] },
        _ => throw new FormatException($"unknown statement {words[0]}"),
    };

    private static ServerName[] Servers(string[] words) => [.. words.Skip(1).Where(w => !w.Contains('=')).Select(w => new ServerName(w))];

    private static T State<T>(string word) where T : struct, Enum => Enum.Parse<T>(word.Replace("-", "", StringComparison.Ordinal), ignoreCase: true);

    private static string Sentence(string[] words, int at) => words.Length > at ? words[at] : "";

    private static string[] Words(string line)
    {
        var quote = line.IndexOf('"');
        return quote < 0 ? line.Split(' ') : [.. line[..quote].Trim().Split(' '), line[(quote + 1)..].TrimEnd('"')];
    }
}
