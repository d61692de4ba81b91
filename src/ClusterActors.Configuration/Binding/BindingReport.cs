using System.Collections.Immutable;
using ClusterActors.Hocon;
using ClusterActors.Model;

namespace ClusterActors.Configuration.Binding;

/// <summary>Collects what is wrong, and which keys of the reference were looked at.</summary>
internal sealed class BindingReport
{
    private readonly List<ConfigProblem> _problems = [];

    public HashSet<string> BoundKeys { get; } = new(StringComparer.Ordinal);

    public bool HasProblems => _problems.Count > 0;

    public void Add(Origin origin, string sentence) => Add(Location(origin), sentence);

    public void Add(SourceLocation location, string sentence) => _problems.Add(new ConfigProblem(location, sentence));

    public ImmutableArray<ConfigProblem> Sorted() =>
        [.. _problems.Distinct().OrderBy(p => p.Location.File, StringComparer.Ordinal).ThenBy(p => p.Location.Line)];

    public static SourceLocation Location(Origin origin) => new(origin.File, origin.Line);
}
