using System.Reflection;
using ClusterActors.Model.Voting;

namespace ClusterActors.Model.Tests.Voting;

/// <summary>The verdict by example: every pair of files in <c>verdicts/</c> is one test.</summary>
public sealed class VerdictGoldenTests
{
    private const string Prefix = "verdicts/";

    public static TheoryData<string> Cases => [.. Names(".case")];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Verdict_must_equal_the_golden_text(string name)
    {
        var verdict = VerdictRules.Decide(VerdictCase.Read(Text(name + ".case")));
        Assert.Equal(Text(name + ".expected"), VerdictCase.Render(verdict));
    }

    /// <summary>Whatever the facts are: no step is taken against a veto, without votes, or by a server that boots.</summary>
    [Theory]
    [MemberData(nameof(Cases))]
    public void Verdict_must_keep_the_rules(string name)
    {
        var snapshot = VerdictCase.Read(Text(name + ".case"));
        var verdict = VerdictRules.Decide(snapshot);
        Assert.NotEmpty(verdict.Sentence);
        var acts = verdict.Step is VerdictStep.Raise or VerdictStep.Fence or VerdictStep.AskVote;
        Assert.False(acts && snapshot.Silent.Count > 0 && snapshot.Vetoes.Any(v => v.State != VetoState.Reachable), "acts before every veto is heard");
        Assert.False(verdict.Step == VerdictStep.Fence && snapshot.IsBooting, "a booting server fences");
        Assert.False(verdict.Step == VerdictStep.Fence && snapshot.CountsVotes && snapshot.Silent.Count > 0, "fences without holding the vote");
        Assert.False(verdict.Kind == VerdictKind.StandDown && verdict.Step != VerdictStep.None, "stands down and acts");
        Assert.Equal(verdict.Step is VerdictStep.Raise or VerdictStep.Fence or VerdictStep.AskVote, verdict.Targets.Count > 0);
    }

    [Fact]
    public void Cases_must_come_in_pairs()
    {
        Assert.Equal(Names(".case"), Names(".expected"));
        Assert.True(Names(".case").Count >= 30);
    }

    private static List<string> Names(string ending) =>
    [
        .. Assembly.GetExecutingAssembly().GetManifestResourceNames()
            .Where(n => n.StartsWith(Prefix, StringComparison.Ordinal) && n.EndsWith(ending, StringComparison.Ordinal))
            .Select(n => n[Prefix.Length..^ending.Length]).Order(StringComparer.Ordinal),
    ];

    private static string Text(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(Prefix + name);
        Assert.True(stream is not null, $"there is no file {Prefix}{name}");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
