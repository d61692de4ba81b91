namespace ClusterActors.Persistence.InMemory;

/// <summary>
/// The twin of the SQLite store for tests and simulation: same rules, same refusals, and every task is already complete when it is
/// returned, so that a simulation stays deterministic. Keep the object to let its contents survive a simulated restart.
/// </summary>
public sealed class InMemoryStore : IJournal, ISnapshotStore
{
    private const int PageEvents = 500;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, StreamState> _streams = new(StringComparer.Ordinal);

    /// <summary>
    /// Called before each operation with the operation's name (the method without Async) and the persistence id. What it returns,
    /// other than null, is the failure of the operation: a disk error in a simulation.
    /// </summary>
    public Func<string, string, JournalException?>? Fault { get; set; }

    public Task<WriterClaim> ClaimAsync(string persistenceId) => Serve("Claim", persistenceId, stream =>
    {
        stream.Epoch++;
        return new WriterClaim(stream.Epoch, stream.Highest);
    });

    public Task WriteAsync(string persistenceId, long epoch, IReadOnlyList<JournalEvent> events)
    {
        JournalRefusals.RequireWritable(persistenceId, epoch, events);
        return Serve("Write", persistenceId, stream =>
        {
            RequireWriter(persistenceId, stream, epoch);
            if (events[0].SequenceNr != stream.Highest + 1)
            {
                throw JournalRefusals.NotNext(persistenceId, events[0].SequenceNr, stream.Highest);
            }

            stream.Events.AddRange(events.Select(Copy));
            stream.Highest = events[^1].SequenceNr;
            return true;
        });
    }

    public Task<EventPage> ReadAsync(string persistenceId, long fromSequenceNr, long toSequenceNr, int max)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(max);
        return Serve("Read", persistenceId, stream =>
        {
            var limit = Math.Min(max, PageEvents);
            var found = stream.Events.Where(e => e.SequenceNr >= fromSequenceNr && e.SequenceNr <= toSequenceNr).Take(limit + 1).ToList();
            var complete = found.Count <= limit || limit == max;
            return new EventPage(found.Take(limit).ToList(), stream.Highest, stream.Deleted, complete);
        });
    }

    public Task DeleteToAsync(string persistenceId, long epoch, long toSequenceNr) => Serve("DeleteTo", persistenceId, stream =>
    {
        RequireWriter(persistenceId, stream, epoch);
        if (toSequenceNr > stream.Highest)
        {
            throw JournalRefusals.DeleteBeyondEnd(persistenceId, toSequenceNr, stream.Highest);
        }

        stream.Events.RemoveAll(e => e.SequenceNr <= toSequenceNr);
        stream.Deleted = Math.Max(stream.Deleted, toSequenceNr);
        return true;
    });

    public Task SaveAsync(string persistenceId, StoredSnapshot snapshot)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        ArgumentOutOfRangeException.ThrowIfLessThan(snapshot.SequenceNr, 1);
        return Serve("Save", persistenceId, stream =>
        {
            stream.Snapshots[snapshot.SequenceNr] = snapshot with { Form = Copy(snapshot.Form) };
            return true;
        });
    }

    public Task<SnapshotSelection> LoadAsync(string persistenceId, SnapshotCriteria criteria)
    {
        ArgumentNullException.ThrowIfNull(criteria);
        return Serve("Load", persistenceId, stream => new SnapshotSelection(stream.Snapshots.Values.LastOrDefault(criteria.Fits), []));
    }

    public Task DeleteAsync(string persistenceId, SnapshotCriteria criteria)
    {
        ArgumentNullException.ThrowIfNull(criteria);
        return Serve("Delete", persistenceId, stream =>
        {
            foreach (var doomed in stream.Snapshots.Values.Where(criteria.Fits).Select(s => s.SequenceNr).ToList())
            {
                stream.Snapshots.Remove(doomed);
            }

            return true;
        });
    }

    private static void RequireWriter(string id, StreamState stream, long epoch)
    {
        if (stream.Epoch != epoch)
        {
            throw JournalRefusals.Replaced(id, epoch, stream.Epoch);
        }
    }

    // A store that handed the caller's own buffer back would hide a caller who goes on writing into it.
    private static StoredForm Copy(StoredForm form) => form with { Json = form.Json.ToArray() };

    private static JournalEvent Copy(JournalEvent e) => e with { Form = Copy(e.Form) };

    private Task<T> Serve<T>(string operation, string id, Func<StreamState, T> action)
    {
        JournalRefusals.RequireId(id);
        if (Fault?.Invoke(operation, id) is { } fault)
        {
            return Task.FromException<T>(fault);
        }

        lock (_gate)
        {
            if (!_streams.TryGetValue(id, out var stream))
            {
                _streams[id] = stream = new StreamState();
            }

            try
            {
                return Task.FromResult(action(stream));
            }
            catch (JournalException e)
            {
                return Task.FromException<T>(e);
            }
        }
    }

    private sealed class StreamState
    {
        public long Epoch { get; set; }

        public long Highest { get; set; }

        public long Deleted { get; set; }

        public List<JournalEvent> Events { get; } = [];

        public SortedDictionary<long, StoredSnapshot> Snapshots { get; } = [];
    }
}
