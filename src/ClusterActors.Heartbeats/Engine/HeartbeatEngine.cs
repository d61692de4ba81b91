using ClusterActors.Heartbeats.Lan;
using ClusterActors.Model;
using ClusterActors.Model.Guardian;
using ClusterActors.Model.Voting;

namespace ClusterActors.Heartbeats.Engine;

/// <summary>
/// The heartbeat engine of one server as a state machine: beats in, beats out, states of channels and peers, term, vows, and the grant
/// to run groups. No I/O and no clock: times are boot-time nanoseconds handed in, so it runs under virtual time as well.
/// One thread owns it; only <see cref="Notes"/> may be read by another. Nothing is allocated per beat.
/// <para>
/// Order of a pass: every waiting datagram by <see cref="OnDatagram"/>, <see cref="OnTick"/>, <see cref="BeginPass"/> with the time read
/// before the first send, <see cref="WriteBeat"/> for each channel, <see cref="EndPass"/>. Silence is judged only after the sockets
/// were drained, by the kernel's receive time stamps (safety.md section 4).
/// </para>
/// <para>
/// A starting engine is unclean: it gives no vow. <see cref="SetClean"/> is also the promise "down and clean" for the stored term: a new
/// life starts nothing in the term of an earlier one, so the statement needs no durable record. It runs groups again from the next term on.
/// </para>
/// </summary>
public sealed partial class HeartbeatEngine : IDisposable
{
    private const long Millisecond = 1_000_000;
    private const int SendTimesKept = 1024;

    private readonly PeerTrack[] _peers = new PeerTrack[GuardianSettings.MaxServers];
    private readonly byte[] _ownRow = new byte[GuardianSettings.MaxServers];
    private readonly long[] _sendTimes = new long[SendTimesKept];
    private readonly Incarnation _incarnation;
    private readonly long _startedAt;
    private readonly long _settleEnd;

    private BeatCodec _codec;
    private int _own;
    private long _timeout;
    private PartitionPolicy _policy;
    private ulong _configHash;
    private uint _peerMask;

    private ulong _sequence;
    private long _passTime;
    private long _lastTick;
    private long _stallEnd;
    private bool _incarnationBehindTold;

    /// <param name="settings">Valid settings.</param>
    /// <param name="incarnation">This life; its counter is already stored durably.</param>
    /// <param name="storedTerm">Term from durable storage; nothing starts in it before it has changed.</param>
    /// <param name="settle">Longest vow any earlier life can have given (V_max): nothing is taken over on silence before it has passed.</param>
    /// <param name="now">Time at which listening begins.</param>
    /// <param name="record">Votes and promises from durable storage; null = none was ever made.</param>
    public HeartbeatEngine(
        GuardianSettings settings, Incarnation incarnation, StoredTerm storedTerm, TimeSpan settle, long now, VotingRecord? record = null)
    {
        for (int i = 0; i < _peers.Length; i++)
            _peers[i] = new PeerTrack();
        _incarnation = incarnation;
        _term = storedTerm.Term;
        _baseTerm = storedTerm.BaseTerm;
        _excluded = storedTerm.ExcludedServers;
        _highestNumber = _term.Number;
        _startedAt = now;
        _lastTick = now;
        _settleEnd = now + ((settle.Ticks > 0 ? settle.Ticks : 0) * 100);
        _arbiterHeardAt = now;
        _codec = new BeatCodec(settings.ClusterId, settings.Key);
        _witnessCodec = new WitnessCodec(settings.ClusterId, settings.Key);
        RestoreRecord(record ?? VotingRecord.Empty);
        Apply(settings);
        _toldBefore = settle.Ticks * 100;
    }

    /// <summary>Reports for the other threads of the guardian.</summary>
    public NoteQueue Notes { get; } = new();

    /// <summary>Counters of what was sent, accepted and refused.</summary>
    public BeatCounters Counters { get; } = new();

    /// <summary>This life.</summary>
    public Incarnation Incarnation => _incarnation;

    /// <summary>Rest of the start-up wait, nanoseconds; 0 when over.</summary>
    public long SettleRemaining(long now) => Math.Max(0, _settleEnd - now);

    /// <summary>
    /// New settings for the same server. Vows already given keep their length; states of channels that stay configured are kept.
    /// </summary>
    public void Apply(GuardianSettings settings)
    {
        BeatCodec old = _codec;
        _codec = new BeatCodec(settings.ClusterId, settings.Key);
        old.Dispose();
        _witnessCodec.Dispose();
        _witnessCodec = new WitnessCodec(settings.ClusterId, settings.Key);
        _own = settings.OwnIndex;
        TakeTimes(settings);
        _policy = settings.Policy;
        _configHash = settings.ConfigHash;
        _peerMask = settings.PeerMask();
        _servers = settings.Servers.Count;
        for (int i = 0; i < _peers.Length; i++)
        {
            _peers[i].Configured = (_peerMask & (1u << i)) != 0;
            for (int n = 0; n < GuardianSettings.MaxNetworks; n++)
                _peers[i].Channels[n].Configured = false;
        }

        ApplyVoting(settings);
        ApplyChannels(settings);
    }

    /// <summary>State of the node daemon to be told to the peers.</summary>
    public void SetDaemon(DaemonState state, long since)
    {
        if (_daemon == DaemonState.Gone && state != DaemonState.Gone)
            _daemonBackFrom = _sequence + 1;
        _daemon = state;
        _daemonSince = since;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _codec.Dispose();
        _witnessCodec.Dispose();
    }

    private long SilenceStart(PeerTrack peer) => Math.Max(peer.Heard ? peer.LastHeard : _startedAt, _stallEnd);
}

/// <summary>The term as kept on disk.</summary>
/// <param name="Term">In force when it was stored.</param>
/// <param name="BaseTerm">Term it was raised from.</param>
/// <param name="ExcludedServers">Servers whose earlier claims it voids.</param>
public readonly record struct StoredTerm(Term Term, Term BaseTerm, uint ExcludedServers);

/// <summary>Counters written by the engine's thread; each may be read at any time.</summary>
public sealed class BeatCounters
{
    public long Sent;
    public long SendFailures;
    public long Accepted;
    public long RefusedForgery;
    public long RefusedReplay;
    public long Missed;
}
