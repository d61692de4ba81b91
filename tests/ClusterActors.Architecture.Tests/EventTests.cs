using System.Text.RegularExpressions;

namespace ClusterActors.Architecture.Tests;

/// <summary>An event that the catalogue names either is raised by the product, or is listed as not raised yet with the reason.</summary>
public sealed class EventTests
{
    private const string Factories = "src/ClusterActors.Model/Events/Factories/";
    private const string Listed = "hocon/messages/README.md";

    [Fact]
    public void Catalogued_events_must_be_raised_or_listed_as_not_raised()
    {
        var product = string.Join('\n', Checkout.ProductSources.Where(path => !path.StartsWith(Factories, StringComparison.Ordinal)).Select(Checkout.Read));
        var listed = ListedEvents();
        var events = Checkout.ProductSources.Where(path => path.StartsWith(Factories, StringComparison.Ordinal)).SelectMany(FactoriesOf).ToList();
        Assert.True(events.Count > 150, $"only {events.Count} factories were found; are they still in {Factories}?");
        var raised = events.Where(e => product.Contains($"{e.Class}.{e.Method}(", StringComparison.Ordinal)).Select(e => e.Event).ToHashSet();

        Assert.Equal([], events.Select(e => e.Event).Where(e => !raised.Contains(e) && !listed.Contains(e)));
        Assert.Equal([], listed.Where(raised.Contains));
        Assert.Equal([], listed.Except(events.Select(e => e.Event)));
    }

    private static IEnumerable<(string Event, string Class, string Method)> FactoriesOf(string path) =>
        Regex.Matches(Checkout.Read(path), @"<summary>(\w+ \d+): .*\r?\n\s*public static EventDraft (\w+)\(")
            .Select(found => (found.Groups[1].Value, Path.GetFileNameWithoutExtension(path), found.Groups[2].Value));

    /// <summary>First column of the table: a module and numbers, such as <c>rc 25, 26</c>.</summary>
    private static HashSet<string> ListedEvents()
    {
        var table = Checkout.Read(Listed).Split("## Not raised yet")[1];
        return [.. Regex.Matches(table, @"^\| (\w+) ([\d, ]+) \|", RegexOptions.Multiline)
            .SelectMany(row => row.Groups[2].Value.Split(',', StringSplitOptions.TrimEntries).Select(number => $"{row.Groups[1].Value} {number}"))];
    }
}
