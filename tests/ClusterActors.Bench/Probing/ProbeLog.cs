namespace ClusterActors.Bench.Probing;

/// <summary>
/// Every probe that was sent and the answer to it. Sending and receiving threads write different arrays, so they need no lock; the
/// report is made after both have ended.
/// </summary>
internal sealed class ProbeLog
{
    private readonly long[] _sentAt;
    private readonly long[] _answeredAt;
    private readonly string?[] _answeredBy;
    private int _sent;

    /// <summary>Room for so many probes; what comes later is not sent.</summary>
    public ProbeLog(int capacity)
    {
        _sentAt = new long[capacity];
        _answeredAt = new long[capacity];
        _answeredBy = new string?[capacity];
    }

    public int Sent => Volatile.Read(ref _sent);

    public bool IsFull => _sent == _sentAt.Length;

    /// <summary>Called before the datagram leaves, so that its answer always finds the entry.</summary>
    public int NoteSent(long at)
    {
        _sentAt[_sent] = at;
        Volatile.Write(ref _sent, _sent + 1);
        return _sent - 1;
    }

    /// <summary>First answer to a probe; later ones of the same server are duplicates of the network, one of another server is an alarm.</summary>
    public ProbeAnswer NoteAnswer(int sequence, string server, long at)
    {
        if (sequence < 0 || sequence >= Sent)
            return ProbeAnswer.Unknown;
        if (_answeredBy[sequence] is { } first)
            return first == server ? ProbeAnswer.Duplicate : ProbeAnswer.BySecondServer;
        _answeredAt[sequence] = at;
        _answeredBy[sequence] = server;
        return ProbeAnswer.First;
    }

    public long SentAt(int sequence) => _sentAt[sequence];

    public long AnsweredAt(int sequence) => _answeredAt[sequence];

    public string? AnsweredBy(int sequence) => _answeredBy[sequence];
}

/// <summary>What an answer is to the probe it belongs to.</summary>
internal enum ProbeAnswer
{
    First,
    Duplicate,
    BySecondServer,
    Unknown,
}
