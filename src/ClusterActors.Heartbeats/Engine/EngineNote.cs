using ClusterActors.Model;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Heartbeats.Engine;

/// <summary>What an <see cref="EngineNote"/> tells.</summary>
public enum EngineNoteKind : byte
{
    /// <summary>A peer's state, incarnation, term, flags, daemon or configuration changed: see <see cref="EngineNote.Peer"/>.</summary>
    Peer = 1,

    /// <summary>A cell of the who-hears-whom matrix changed.</summary>
    Channel = 2,

    /// <summary>A peer shows a higher term that leaves this server's claims alone: store it, then commit the adoption.</summary>
    HigherTerm = 3,

    /// <summary>A peer shows a higher term that voids this server's claims: the grant has ended; clean up, store, then commit the adoption.</summary>
    Superseded = 4,

    /// <summary>The grant was given, ran out or ended.</summary>
    Grant = 5,

    /// <summary>The loop stood still: <see cref="EngineNote.Nanoseconds"/> between two passes.</summary>
    Stall = 6,

    /// <summary>A peer knows a later life of this server than this one: the stored start counter was set back.</summary>
    OwnIncarnationBehind = 7,

    /// <summary>The grant ends in <see cref="EngineNote.Nanoseconds"/>: end everything before, then call <see cref="HeartbeatEngine.StoodDown"/>.</summary>
    StandDown = 8,

    /// <summary>A majority voted for the candidacy: store the term, then commit the raise.</summary>
    CandidacyWon = 9,

    /// <summary>The candidacy was given up.</summary>
    CandidacyLost = 10,

    /// <summary>Votes or promises changed: <see cref="HeartbeatEngine.TakeRecord"/>, store, <see cref="HeartbeatEngine.RecordStored"/>.</summary>
    Record = 11,

    /// <summary>This server gave its vote; it is durable and shown.</summary>
    Voted = 12,

    /// <summary>What the grant rests on, or the arbiter's state, changed.</summary>
    Voting = 13,

    /// <summary>Beats on an own channel are late, or came after such a gap: <see cref="EngineNote.Percent"/>, <see cref="EngineNote.Side"/>.</summary>
    Late = 20,

    /// <summary>The device below an own channel changed its state: <see cref="EngineNote.Device"/>.</summary>
    Device = 21,

    /// <summary>A pass began later than allowed: <see cref="EngineNote.Nanoseconds"/> after <see cref="EngineNote.DueNanoseconds"/>.</summary>
    BeatLate = 22,
}

/// <summary>Everything known about a peer at one instant, as a value.</summary>
public readonly record struct PeerView(
    byte Server, PeerState State, Incarnation Incarnation, Term Term, GuardianFlags Flags, DaemonState Daemon, long DaemonSinceNanoseconds,
    ulong ConfigHash, long SilentNanoseconds, bool MayExclude);

/// <summary>One report of the engine, as a value. Reasons are constant texts, so that writing a note allocates nothing.</summary>
public struct EngineNote
{
    public EngineNoteKind Kind;
    public byte Server;
    public byte Hearer;
    public byte Network;
    public ChannelState Channel;
    public GrantState Grant;
    public Term Term;
    public Term BaseTerm;
    public uint ExcludedServers;
    public long Nanoseconds;
    public long LimitNanoseconds;
    public long DueNanoseconds;
    public byte Percent;
    public LateSide Side;
    public DeviceState Device;
    public PeerView Peer;
    public string Reason;
}

/// <summary>
/// Bounded queue of notes from the engine's thread to one reader. When it is full new notes are dropped and <see cref="TakeOverflow"/>
/// says so: the reader then fetches the whole state instead, so nothing is lost for good.
/// </summary>
public sealed class NoteQueue(int capacity = 512)
{
    private readonly EngineNote[] _items = new EngineNote[capacity];
    private long _written;
    private long _read;
    private int _overflow;

    /// <summary>True when there is something to read.</summary>
    public bool HasNotes => Volatile.Read(ref _written) != Volatile.Read(ref _read) || Volatile.Read(ref _overflow) != 0;

    /// <summary>How many notes were ever added; a state taken on the engine's thread holds what these say.</summary>
    public long Written => Volatile.Read(ref _written);

    /// <summary>How many were taken.</summary>
    public long Taken => Volatile.Read(ref _read);

    /// <summary>Adds a note; only the engine's thread.</summary>
    public void Add(in EngineNote note)
    {
        if (_written - Volatile.Read(ref _read) == _items.Length)
        {
            Volatile.Write(ref _overflow, 1);
            return;
        }

        _items[_written % _items.Length] = note;
        Volatile.Write(ref _written, _written + 1);
    }

    /// <summary>Takes the oldest note; only the reader's thread.</summary>
    public bool TryTake(out EngineNote note)
    {
        if (_read == Volatile.Read(ref _written))
        {
            note = default;
            return false;
        }

        note = _items[_read % _items.Length];
        Volatile.Write(ref _read, _read + 1);
        return true;
    }

    /// <summary>True once after notes were dropped.</summary>
    public bool TakeOverflow() => Interlocked.Exchange(ref _overflow, 0) != 0;
}
