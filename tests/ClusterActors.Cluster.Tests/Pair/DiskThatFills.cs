using ClusterActors.Persistence;
using ClusterActors.Persistence.InMemory;

namespace ClusterActors.Cluster.Tests.Pair;

/// <summary>A journal whose writes fail while its disk is full; what it holds can be read.</summary>
internal sealed class DiskThatFills(InMemoryStore inner, Func<bool> isFull) : IJournal
{
    public Task<WriterClaim> ClaimAsync(string persistenceId) => isFull() ? Full<WriterClaim>() : inner.ClaimAsync(persistenceId);

    public Task WriteAsync(string persistenceId, long epoch, IReadOnlyList<JournalEvent> events) =>
        isFull() ? Full<bool>() : inner.WriteAsync(persistenceId, epoch, events);

    public Task<EventPage> ReadAsync(string persistenceId, long fromSequenceNr, long toSequenceNr, int max) =>
        inner.ReadAsync(persistenceId, fromSequenceNr, toSequenceNr, max);

    public Task DeleteToAsync(string persistenceId, long epoch, long toSequenceNr) =>
        isFull() ? Full<bool>() : inner.DeleteToAsync(persistenceId, epoch, toSequenceNr);

    private static Task<T> Full<T>() => Task.FromException<T>(new JournalException(JournalFault.Storage, "the disk is full"));
}
