using ClusterActors.Model.Resources;
using ClusterActors.Resources.Exec;
using ClusterActors.Resources.FloatingIp;

namespace ClusterActors.Resources;

/// <summary>Every resource type of this build, for the composition root and for configuration checks.</summary>
public static class ResourceTypes
{
    public static IReadOnlyList<IResourceType> All { get; } = [new FloatingIpResourceType(), new ExecResourceType()];
}
