using System.Reflection;
using ClusterActors.Model.Events;
using ClusterActors.Model.Explain;
using ClusterActors.Model.Planning;

namespace ClusterActors.Model.Tests.Planning;

/// <summary>Policy by example: every pair of files in <c>cases/</c> is one test.</summary>
public sealed class PlannerGoldenTests
{
    private const string Prefix = "cases/";

    public static TheoryData<string> Cases => [.. Names(".case")];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Plan_must_equal_the_golden_text(string name)
    {
        var (view, config) = PlannerCase.Read(Text(name + ".case"));
        var plan = Planner.Plan(view, config);
        Assert.Equal(Text(name + ".expected"), PlanText.Render(plan, EventCatalogue.Default));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Plan_must_be_safe_complete_and_repeatable(string name)
    {
        var (view, config) = PlannerCase.Read(Text(name + ".case"));
        var plan = Planner.Plan(view, config);
        PlanRules.Check(plan, view, config);
        Assert.Equal(plan, Planner.Plan(view, config));
    }

    [Fact]
    public void Cases_must_come_in_pairs_and_be_at_least_thirty()
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
        Assert.True(stream is not null, $"there is no file cases/{name}");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
