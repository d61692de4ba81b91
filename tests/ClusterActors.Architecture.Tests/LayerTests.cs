using System.Xml.Linq;

namespace ClusterActors.Architecture.Tests;

/// <summary>Arrows between projects point down only. The table is the rule; docs/ARCHITECTURE.md explains it.</summary>
public sealed class LayerTests
{
    /// <summary>What each project of the product may reference, at most.</summary>
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Actors"] = [],
        ["Hocon"] = [],
        ["Linux"] = [],
        ["Model"] = [],
        ["Persistence"] = ["Actors"],
        ["Remoting"] = ["Actors"],
        ["Control"] = ["Model"],
        ["Configuration"] = ["Model", "Hocon"],
        ["Cluster"] = ["Actors", "Persistence", "Remoting", "Model", "Hocon", "Configuration"],
        ["Heartbeats"] = ["Model", "Linux"],
        ["Arbiters"] = ["Model", "Linux"],
        ["Resources"] = ["Model", "Linux"],
        ["Guardian"] = ["Model", "Linux", "Heartbeats"],
        ["Witness"] = ["Model", "Linux"],
        // The composition root sees every library, and no other program.
        ["Node"] = ["Actors", "Hocon", "Linux", "Model", "Persistence", "Remoting", "Control", "Configuration", "Cluster", "Heartbeats", "Arbiters", "Resources"],
        ["Cli"] = ["Control", "Model", "Configuration", "Hocon", "Resources", "Linux", "Heartbeats"],
    };

    /// <summary>Packages and shared frameworks, at most; a project that is not named has none.</summary>
    private static readonly Dictionary<string, string[]> AllowedPackages = new()
    {
        ["Arbiters"] = ["Npgsql"],
        ["Persistence"] = ["Microsoft.Data.Sqlite", "Npgsql", "SQLitePCLRaw.core", "SQLitePCLRaw.bundle_e_sqlite3"],
        ["Remoting"] = ["Microsoft.AspNetCore.App"],
        ["Witness"] = ["Microsoft.AspNetCore.App"],
        ["Node"] = ["Serilog", "Serilog.Sinks.Async", "Serilog.Sinks.File", "Microsoft.AspNetCore.App"],
    };

    public static TheoryData<string> ProductProjects() => new(Checkout.Projects.Where(path => path.StartsWith("src/", StringComparison.Ordinal)));

    [Theory]
    [MemberData(nameof(ProductProjects))]
    public void Project_must_reference_only_layers_below_it(string path)
    {
        var project = NameOf(path);
        Assert.True(Allowed.ContainsKey(project), $"{path}: project '{project}' has no place in the layers; give it one in {nameof(LayerTests)}.{nameof(Allowed)}");
        var wrong = References(path, "ProjectReference").Select(NameOf).Except(Allowed[project]).ToArray();
        Assert.True(wrong.Length == 0, $"{path}: references {string.Join(", ", wrong)}; allowed are {Words(Allowed[project])}");
    }

    [Theory]
    [MemberData(nameof(ProductProjects))]
    public void Project_must_use_only_the_packages_that_its_layer_may(string path)
    {
        var allowed = AllowedPackages.GetValueOrDefault(NameOf(path), []);
        var wrong = References(path, "PackageReference").Concat(References(path, "FrameworkReference")).Except(allowed).ToArray();
        Assert.True(wrong.Length == 0, $"{path}: uses {string.Join(", ", wrong)}; allowed are {Words(allowed)}");
    }

    [Fact]
    public void Layer_table_must_have_no_cycle()
    {
        int Height(string project, int depth) => depth > Allowed.Count
            ? throw new InvalidOperationException($"the layer table has a cycle through '{project}'")
            : Allowed[project].Select(below => Height(below, depth + 1)).DefaultIfEmpty(0).Max() + 1;
        Assert.All(Allowed.Keys, project => Assert.InRange(Height(project, 0), 1, Allowed.Count));
    }

    [Fact]
    public void Product_must_not_reference_tests() =>
        Assert.DoesNotContain(Checkout.Projects.Where(path => path.StartsWith("src/", StringComparison.Ordinal)), path =>
            References(path, "ProjectReference").Any(reference => reference.Contains("tests/", StringComparison.Ordinal)));

    [Fact]
    public void Solution_must_name_every_project()
    {
        var solution = Checkout.Read("ClusterActors.sln").Replace('\\', '/');
        var missing = Checkout.Projects.Where(path => !solution.Contains($"\"{path}\"", StringComparison.Ordinal)).ToArray();
        Assert.True(missing.Length == 0, $"ClusterActors.sln: {string.Join(", ", missing)} missing; add with: dotnet sln add");
    }

    [Fact]
    public void Package_versions_must_be_central() =>
        Assert.DoesNotContain(Checkout.Projects, path => XDocument.Parse(Checkout.Read(path)).Descendants("PackageReference").Any(reference => reference.Attribute("Version") is not null));

    private static string NameOf(string path) => Path.GetFileNameWithoutExtension(path.Replace('\\', '/')).Replace("ClusterActors.", "", StringComparison.Ordinal);

    private static IEnumerable<string> References(string path, string kind) =>
        XDocument.Parse(Checkout.Read(path)).Descendants(kind).Select(reference => reference.Attribute("Include")!.Value.Replace('\\', '/'));

    private static string Words(string[] names) => names.Length == 0 ? "none" : string.Join(", ", names);
}
