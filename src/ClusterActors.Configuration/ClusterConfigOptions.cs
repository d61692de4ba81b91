using ClusterActors.Hocon;
using ClusterActors.Model;
using ClusterActors.Model.Resources;

namespace ClusterActors.Configuration;

/// <summary>What binding must be told from outside.</summary>
public sealed record ClusterConfigOptions
{
    /// <summary>The resource types of this build.</summary>
    public required IReadOnlyList<ResourceTypeDescription> ResourceTypes { get; init; }

    /// <summary>
    /// Name of this host. It must be one of the servers, whole or up to its first dot, ignoring case. Null: not checked, for looking at
    /// a file elsewhere.
    /// </summary>
    public string? HostName { get; init; }

    /// <summary>Where substitutions may fall back to. By default nowhere, so that the file means the same on every server.</summary>
    public EnvironmentLookup Environment { get; init; } = ConfigEnvironment.None;

    /// <summary>Checks of a type's own that its description cannot express, by type name; each returned sentence is a problem.</summary>
    public IReadOnlyDictionary<string, Func<ResourceConfig, ClusterConfig, IEnumerable<string>>> ResourceChecks { get; init; } =
        new Dictionary<string, Func<ResourceConfig, ClusterConfig, IEnumerable<string>>>();

    /// <summary>Options for a set of types, with their own checks.</summary>
    public static ClusterConfigOptions For(IReadOnlyCollection<IResourceType> types, string? hostName = null) => new()
    {
        ResourceTypes = [.. types.Select(t => t.Description)],
        HostName = hostName,
        ResourceChecks = types.ToDictionary(t => t.Description.Type, t => (Func<ResourceConfig, ClusterConfig, IEnumerable<string>>)t.Validate),
    };
}
