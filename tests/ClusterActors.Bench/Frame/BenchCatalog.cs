namespace ClusterActors.Bench;

/// <summary>All benchmarks of this program, found by their contract.</summary>
internal static class BenchCatalog
{
    /// <summary>Every benchmark, by name.</summary>
    public static IReadOnlyList<IBench> All { get; } =
    [
        .. typeof(BenchCatalog).Assembly.GetTypes()
            .Where(type => type is { IsClass: true, IsAbstract: false } && type.IsAssignableTo(typeof(IBench)))
            .Select(type => (IBench)Activator.CreateInstance(type, nonPublic: true)!)
            .OrderBy(bench => bench.Name, StringComparer.Ordinal),
    ];

    /// <summary>The benchmark of this name, or all whose dotted name starts with it.</summary>
    public static IReadOnlyList<IBench> Matching(string name) =>
        [.. All.Where(bench => bench.Name == name || bench.Name.StartsWith(name + ".", StringComparison.Ordinal))];
}
