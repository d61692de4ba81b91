namespace ClusterActors.Actors;

/// <summary>Gives the actor a stash; set by the kernel before <c>PreStart</c>.</summary>
public interface IWithStash
{
    /// <summary>The actor's stash.</summary>
    IStash Stash { get; set; }
}

/// <summary>Messages put aside. Survives a restart (they come back to the mailbox) and ends in dead letters with the actor.</summary>
public interface IStash
{
    /// <summary>Messages held.</summary>
    int Count { get; }

    /// <summary>Puts the current message aside, with its sender.</summary>
    /// <exception cref="IllegalActorStateException">This delivery is stashed already, or there is no current message.</exception>
    void Stash();

    /// <summary>Puts the oldest one back, in front of the mailbox.</summary>
    void Unstash();

    /// <summary>Puts all back, in front of the mailbox, in their order.</summary>
    void UnstashAll();

    /// <summary>Puts those back that match; the others stay stashed (D10).</summary>
    void UnstashAll(Func<Envelope, bool> predicate);

    /// <summary>Takes all out of the stash for the caller to keep or drop.</summary>
    IReadOnlyList<Envelope> ClearStash();

    /// <summary>Puts messages before the stashed ones.</summary>
    void Prepend(IEnumerable<Envelope> envelopes);
}

internal sealed class ActorStash(ActorCell cell) : IStash
{
    private readonly List<Envelope> _held = [];
    private long _lastDelivery = -1;

    public int Count => _held.Count;

    public void Stash()
    {
        var current = cell.CurrentMessage;
        if (current.Message is null) throw new IllegalActorStateException($"{cell.SelfRef.Path}: Stash was called with no message being handled");
        if (_lastDelivery == cell.DeliveryNumber)
            throw new IllegalActorStateException($"{cell.SelfRef.Path}: the same delivery of {current.Message.GetType().Name} was stashed twice");
        _lastDelivery = cell.DeliveryNumber;
        _held.Add(current);
    }

    public void Unstash()
    {
        if (_held.Count == 0) return;
        var first = _held[0];
        _held.RemoveAt(0);
        PutBack([first]);
    }

    public void UnstashAll()
    {
        if (_held.Count == 0) return;
        var all = _held.ToArray();
        _held.Clear();
        PutBack(all);
    }

    public void UnstashAll(Func<Envelope, bool> predicate)
    {
        ArgumentNullException.ThrowIfNull(predicate);
        List<Envelope> wanted = [];
        _held.RemoveAll(envelope =>
        {
            if (!predicate(envelope)) return false;
            wanted.Add(envelope);
            return true;
        });
        if (wanted.Count > 0) PutBack(wanted);
    }

    public IReadOnlyList<Envelope> ClearStash()
    {
        var all = _held.ToArray();
        _held.Clear();
        return all;
    }

    public void Prepend(IEnumerable<Envelope> envelopes) => _held.InsertRange(0, envelopes);

    private void PutBack(IReadOnlyList<Envelope> envelopes)
    {
        foreach (var envelope in envelopes)
        {
            if (envelope.Message is Terminated terminated) cell.RearmTerminated(terminated);
        }
        cell.Mailbox.PushFront(envelopes);
    }
}
