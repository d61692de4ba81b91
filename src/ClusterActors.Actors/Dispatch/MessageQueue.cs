namespace ClusterActors.Actors;

/// <summary>
/// Queue of user messages: many producers, one consumer, no locks. Messages sit in blocks; a producer takes a slot of
/// the last block with one atomic increment and then writes into it, sender first, message last, so that a slot whose
/// message is not null is complete. Blocks are never reused: a producer that was held up may still look at an old one,
/// finds it full and moves on. Their size follows the backlog, so an actor with an empty mailbox keeps few slots.
/// </summary>
/// <remarks>
/// The limit is looked at only when a new block is needed, which keeps the consumer's position out of the producers'
/// path. A block never reaches beyond the limit as it stands when the block is made, so the limit holds exactly for a
/// consumer that does not move; one that moves may be granted less than what it has freed until its turn ends.
/// </remarks>
internal sealed class MessageQueue
{
    private const int FirstBlockSlots = 8;
    private const int MinBlockSlots = 16;
    private const int MaxBlockSlots = 1024;

    private readonly int _limit;
    private readonly IBacklogListener? _listener;
    private long _reportAt;
    private Block _tail;
    private Block _head;
    // The consumer's own way to the slots of _head: the block itself is written by every producer.
    private Slot[] _headSlots;
    private int _headIndex;
    private long _consumed;

    /// <param name="limit">Messages that may wait.</param>
    /// <param name="listener">Told once when <paramref name="reportAt"/> wait, and again at each doubling.</param>
    /// <param name="reportAt">0 or less: never.</param>
    public MessageQueue(int limit, IBacklogListener? listener = null, int reportAt = 0)
    {
        _limit = limit;
        _listener = listener;
        _reportAt = reportAt > 0 ? reportAt : long.MaxValue;
        _head = _tail = new Block(FirstBlockSlots, 0);
        _headSlots = _head.Slots;
    }

    /// <summary>Messages waiting; exact when nobody is writing or reading at the moment.</summary>
    public long Count => Math.Max(0, Added - Consumed);

    /// <summary>Messages ever added.</summary>
    public long Added
    {
        get
        {
            var tail = Volatile.Read(ref _tail);
            while (Volatile.Read(ref tail.Next) is { } next) tail = ReferenceEquals(next, tail) ? Volatile.Read(ref _tail) : next;
            return tail.FirstNumber + Math.Min(Volatile.Read(ref tail.Taken), tail.Slots.Length);
        }
    }

    /// <summary>Messages taken out, as of the consumer's last turn.</summary>
    public long Consumed => Volatile.Read(ref _consumed);

    /// <summary>Adds a message; false when the queue is at its limit and <paramref name="force"/> is not set.</summary>
    public bool TryEnqueue(object message, IActorRef? sender, bool force)
    {
        var block = Volatile.Read(ref _tail);
        while (true)
        {
            var slots = block.Slots;
            // Looked at before the increment so that refused senders cannot run the counter over.
            if (Volatile.Read(ref block.Taken) < slots.Length)
            {
                var index = Interlocked.Increment(ref block.Taken) - 1;
                if (index < slots.Length)
                {
                    ref var slot = ref slots[index];
                    slot.Sender = sender;
                    Volatile.Write(ref slot.Message, message);
                    return true;
                }
            }
            var next = Volatile.Read(ref block.Next);
            if (next is null)
            {
                var first = block.FirstNumber + slots.Length;
                var backlog = first - Consumed;
                if (backlog >= _reportAt) Report(backlog);
                if (backlog >= _limit && !force) return false;
                var size = (int)Math.Clamp(backlog, MinBlockSlots, MaxBlockSlots);
                // The last block ends at the limit; a forced message beyond it gets a small one.
                if (backlog < _limit) size = Math.Min(size, _limit - (int)backlog);
                else size = MinBlockSlots;
                var fresh = new Block(size, first);
                next = Interlocked.CompareExchange(ref block.Next, fresh, null) ?? fresh;
            }
            if (ReferenceEquals(next, block))
            {
                // The consumer has left this block, and moved the tail on before it did.
                block = Volatile.Read(ref _tail);
                continue;
            }
            Interlocked.CompareExchange(ref _tail, next, block);
            block = next;
        }
    }

    /// <summary>Consumer only.</summary>
    public bool TryDequeue(out Envelope envelope)
    {
        var slots = _headSlots;
        var index = _headIndex;
        if (index == slots.Length)
        {
            var next = Volatile.Read(ref _head.Next);
            if (next is null)
            {
                envelope = default;
                return false;
            }
            Leave(_head, next);
            _head = next;
            _headSlots = slots = next.Slots;
            _headIndex = index = 0;
            Volatile.Write(ref _consumed, next.FirstNumber);
        }
        ref var slot = ref slots[index];
        var message = Volatile.Read(ref slot.Message);
        if (message is null)
        {
            envelope = default;
            return false;
        }
        envelope = new Envelope(message, slot.Sender);
        // A block may live long behind an idle actor; it must not keep what was handled.
        slot.Message = null;
        slot.Sender = null;
        _headIndex = index + 1;
        return true;
    }

    /// <summary>Consumer only, once per turn: lets producers and metrics see how far it is.</summary>
    public void PublishConsumed() => Volatile.Write(ref _consumed, _head.FirstNumber + _headIndex);

    /// <summary>
    /// May be asked by the former consumer while a new one already runs: the answer is then meaningless but harmless,
    /// since the new one asks again at its own end.
    /// </summary>
    public bool HasMessages
    {
        get
        {
            var slots = _headSlots;
            var index = _headIndex;
            return (uint)index < (uint)slots.Length
                ? Volatile.Read(ref slots[index].Message) is not null
                : Volatile.Read(ref _head.Next) is not null;
        }
    }

    // A block that the collector has already taken for old must not lead to younger ones, or all of them would live on with
    // it until a full collection; so a left block leads to itself.
    private void Leave(Block block, Block next)
    {
        if (ReferenceEquals(Volatile.Read(ref _tail), block)) Interlocked.CompareExchange(ref _tail, next, block);
        Volatile.Write(ref block.Next, block);
    }

    private void Report(long backlog)
    {
        var reportAt = Volatile.Read(ref _reportAt);
        if (backlog >= reportAt && Interlocked.CompareExchange(ref _reportAt, backlog * 2, reportAt) == reportAt)
            _listener?.BacklogGrew(backlog);
    }

    private struct Slot
    {
        public object? Message;
        public IActorRef? Sender;
    }

    private sealed class Block(int size, long firstNumber)
    {
        public readonly Slot[] Slots = new Slot[size];
        public readonly long FirstNumber = firstNumber;
        public int Taken;

        // Itself once the consumer has left it.
        public Block? Next;
    }
}

/// <summary>Hears of a growing queue, on a sender's thread.</summary>
internal interface IBacklogListener
{
    void BacklogGrew(long waiting);
}
