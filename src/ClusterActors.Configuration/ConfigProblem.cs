using System.Collections.Immutable;
using ClusterActors.Model;

namespace ClusterActors.Configuration;

/// <summary>One mistake in cluster.conf.</summary>
/// <param name="Location">Where to look.</param>
/// <param name="Sentence">What was found, what is allowed, what to do.</param>
public sealed record ConfigProblem(SourceLocation Location, string Sentence)
{
    /// <summary><c>file:line: sentence</c>.</summary>
    public override string ToString() => $"{Location}: {Sentence}";
}

/// <summary>What became of a cluster.conf: a configuration, or everything that is wrong with it.</summary>
/// <param name="Config">The configuration; null when there is any problem.</param>
/// <param name="Self">The server that this host is; null when no host name was given or it matches none.</param>
/// <param name="Problems">All problems, by file and line; empty when there is a configuration.</param>
public sealed record ClusterConfigResult(ClusterConfig? Config, ServerName? Self, ImmutableArray<ConfigProblem> Problems)
{
    /// <summary>A host name was given, and no server of the file has it.</summary>
    public bool HostIsUnknown { get; init; }

    /// <summary>For tests: the keys of reference.conf that binding looked at.</summary>
    internal IReadOnlySet<string> BoundKeys { get; init; } = ImmutableHashSet<string>.Empty;
}
