namespace ClusterActors.Guardian.Tests.Pair;

/// <summary>
/// Pairs run one after the other and beside nothing else. Each guardian has real-time priority also while it compiles itself, so several of
/// them at once starve each other for longer than the short grants of these stories, and the kernel then rightly kills one.
/// </summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class PairCollection
{
    public const string Name = "guardian pairs";
}
