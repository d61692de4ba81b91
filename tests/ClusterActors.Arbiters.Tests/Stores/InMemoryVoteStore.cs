using ClusterActors.Model.Arbiters;

namespace ClusterActors.Arbiters.Tests.Stores;

/// <summary>What the contract says, in memory; answers can be withheld.</summary>
internal sealed class InMemoryVoteStore(InMemoryVoteStore.Shared shared) : IVoteStore
{
    public string Name => "memory";

    public string Type => "memory";

    public bool IsCut { get; set; }

    public Task<StoreAnswer> ExchangeAsync(StoreChange? change, CancellationToken cancellation) =>
        Task.FromResult(IsCut ? StoreAnswer.Failed("cut") : shared.Exchange(change));

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    internal sealed class Shared
    {
        private readonly Dictionary<string, StoreEntry> _entries = [];
        private long _revision = 1;

        public string Id { get; set; } = "store-a";

        public StoreAnswer Exchange(StoreChange? change)
        {
            lock (_entries)
            {
                var applied = change is not null && change.Compare.All(c => _entries.GetValueOrDefault(c.Key).Version == c.Value);
                if (applied)
                {
                    _revision++;
                    foreach (var (key, value) in change!.Put)
                        _entries[key] = new(value, _revision);
                }

                return new(applied, new Dictionary<string, StoreEntry>(_entries), new StoreStamp(Id, _revision), null);
            }
        }

        /// <summary>As after a restore of an older backup.</summary>
        public void SetBack()
        {
            _revision = 1;
            _entries.Clear();
        }
    }
}
