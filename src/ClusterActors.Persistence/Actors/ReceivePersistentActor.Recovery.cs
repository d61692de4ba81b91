using ClusterActors.Actors;

namespace ClusterActors.Persistence;

public abstract partial class ReceivePersistentActor
{
    private readonly TimeProvider _time;
    private long _epoch;
    private bool _snapshotPassedOver;

    /// <summary>
    /// Runs as an async handler of the actor: the mailbox rests meanwhile. Once the instance has ended every wait is cancelled and
    /// nothing of the actor may be touched any more.
    /// </summary>
    private async Task RecoverAsync()
    {
        if (await TryRecoverAsync(Context.CancellationToken))
        {
            await DrainAsync(); // RecoveryCompleted may have been answered with Persist.
        }
    }

    /// <summary>Permit, claim, snapshot, events, completion; false when the actor is to end.</summary>
    private async Task<bool> TryRecoverAsync(CancellationToken ended)
    {
        object? current = null;
        try
        {
            await _store.TakeRecoveryPermit(ended);
            try
            {
                var claim = await Limited(() => _store.Journal.ClaimAsync(PersistenceId), ended);
                _epoch = claim.Epoch;
                await OfferSnapshotAsync(ended);
                await ReplayAsync(claim.HighestSequenceNr, e => current = e, ended);
            }
            finally
            {
                _store.ReturnRecoveryPermit();
            }

            current = RecoveryCompleted.Instance;
            IsRecovering = false;
            RunRecoverHandlers(current);
            return true;
        }
        catch (Exception) when (_instanceEnded || ended.IsCancellationRequested)
        {
            return false; // Stopped or restarted meanwhile: this instance is nobody's state any more; the next one recovers for itself.
        }
        catch (Exception reason)
        {
            // The border of recovery: whatever failed, the state in memory is not the stored one, and no command may see it.
            _failed = true;
            OnRecoveryFailure(Readable(reason), current);
            Context.Stop(Self);
            return false;
        }
    }

    private Exception Readable(Exception reason) => reason is TimeoutException
        ? new JournalException(
            JournalFault.Storage,
            $"{PersistenceId}: the store said nothing for {_store.Options.RecoverySilence.TotalSeconds} s during recovery; check the disk and the kernel log",
            reason)
        : reason;

    private async Task OfferSnapshotAsync(CancellationToken ended)
    {
        var criteria = RecoverySnapshots;
        while (criteria.MaxSequenceNr > 0)
        {
            var selection = await Limited(() => _store.Snapshots.LoadAsync(PersistenceId, criteria), ended);
            foreach (var broken in selection.Broken)
            {
                WarnBrokenSnapshot(broken, "does not match its checksum");
            }

            if (selection.Snapshot is not { } stored)
            {
                return;
            }

            if (TryReadSnapshot(stored) is { } snapshot)
            {
                // Without a handler for it every event is replayed instead.
                var taken = RunRecoverHandlers(new SnapshotOffer(stored.SequenceNr, stored.At, snapshot));
                LastSequenceNr = taken ? stored.SequenceNr : 0;
                _snapshotPassedOver |= !taken;
                _newestSnapshot = LastSequenceNr;
                return;
            }

            criteria = criteria with { MaxSequenceNr = stored.SequenceNr - 1 };
        }
    }

    private object? TryReadSnapshot(StoredSnapshot stored)
    {
        try
        {
            return _store.Registry.Deserialize(stored.Form.Manifest, stored.Form.Version, stored.Form.Json.Span);
        }
        catch (EventSchemaException e)
        {
            // An older snapshot or all events give the same state; if they are gone, the hole is found below.
            WarnBrokenSnapshot(stored.SequenceNr, e.Message);
            return null;
        }
    }

    private void WarnBrokenSnapshot(long sequenceNr, string why)
    {
        _snapshotPassedOver = true;
        Context.System.LogFor(Self.Path).Warning(null, "snapshot {SequenceNr} of {PersistenceId} is passed over: {Why}", sequenceNr, PersistenceId, why);
    }

    private async Task ReplayAsync(long highest, Action<object> nowHandling, CancellationToken ended)
    {
        EventPage page;
        do
        {
            page = await Limited(() => _store.Journal.ReadAsync(PersistenceId, LastSequenceNr + 1, highest, int.MaxValue), ended);
            foreach (var stored in page.Events)
            {
                RequireNoHole(stored.SequenceNr, page.DeletedToSequenceNr);
                Replay(stored, nowHandling);
            }
        }
        while (!page.Complete);

        RequireNoHole(highest + 1, page.DeletedToSequenceNr);
        LastSequenceNr = highest;
        _lastAssignedNr = highest;
    }

    private void Replay(JournalEvent stored, Action<object> nowHandling)
    {
        var @event = _store.Registry.Deserialize(stored.Form.Manifest, stored.Form.Version, stored.Form.Json.Span);
        nowHandling(@event);
        if (!RunRecoverHandlers(@event))
        {
            throw new EventSchemaException($"{PersistenceId}: no Recover handler for event {stored.SequenceNr} ({stored.Form.Manifest}); every stored event needs one");
        }

        LastSequenceNr = stored.SequenceNr;
    }

    /// <summary>Events may be missing only where they were deleted, and then only if no snapshot that stood for them was passed over.</summary>
    private void RequireNoHole(long next, long deletedTo)
    {
        if (deletedTo > LastSequenceNr && _snapshotPassedOver)
        {
            throw JournalRefusals.Unreadable(PersistenceId, LastSequenceNr + 1, "was deleted and the snapshot that stood for it could not be used");
        }

        var expected = Math.Max(LastSequenceNr, deletedTo) + 1;
        if (next != expected)
        {
            throw JournalRefusals.Unreadable(PersistenceId, Math.Min(next, expected), "is missing");
        }
    }

    private bool RunRecoverHandlers(object message)
    {
        foreach (var handler in _recoverHandlers)
        {
            if (handler(message))
            {
                return true;
            }
        }

        return false;
    }

    private Task<T> Limited<T>(Func<Task<T>> ask, CancellationToken ended)
    {
        ended.ThrowIfCancellationRequested();
        var answer = ask();
        return answer.IsCompleted ? answer : answer.WaitAsync(_store.Options.RecoverySilence, _time, ended);
    }
}
