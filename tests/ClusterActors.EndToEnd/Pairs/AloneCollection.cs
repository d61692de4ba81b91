namespace ClusterActors.EndToEnd.Pairs;

/// <summary>Stories that say how long something takes, or that keep both cores busy by themselves: no other test runs beside them.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class AloneCollection
{
    public const string Name = "alone";
}
