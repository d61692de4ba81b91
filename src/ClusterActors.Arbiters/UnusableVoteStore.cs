using ClusterActors.Model.Arbiters;

namespace ClusterActors.Arbiters;

/// <summary>A vote store that could not be set up: it neither vows nor votes, and says why.</summary>
internal sealed class UnusableVoteStore(string name, string type, string problem) : IVoteStore
{
    public string Name { get; } = name;

    public string Type { get; } = type;

    public Task<StoreAnswer> ExchangeAsync(StoreChange? change, CancellationToken cancellation) =>
        Task.FromResult(StoreAnswer.Failed($"cannot be used: {problem}; correct it and restart the daemon"));

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
