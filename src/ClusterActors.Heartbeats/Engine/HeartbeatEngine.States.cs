using ClusterActors.Model;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Heartbeats.Engine;

/// <summary>
/// States by silence. Channel: unknown -> up at the first beat; up -> late at V/2; late -> down at V; back to up at the next beat. (For a
/// channel whose beats come slower than V allows, its own silence limit stands for V; a peer's silence is always counted by V.)
/// Peer: suspected as soon as a channel that was ever heard is late; down when its newest beat on any channel is V old, or, never heard,
/// at the end of the start-up wait.
/// </summary>
public sealed partial class HeartbeatEngine
{
    private uint _mayExclude;

    /// <summary>Judges all silence at <paramref name="now"/>. Call it after the sockets were drained.</summary>
    public void OnTick(long now)
    {
        long gap = now - _lastTick;
        _lastTick = now;
        if (gap > _timeout / 2)
        {
            // What the peers did meanwhile may not have reached us (a frozen machine receives nothing): count their silence anew.
            _stallEnd = now;
            Notes.Add(new EngineNote
            {
                Kind = EngineNoteKind.Stall,
                Nanoseconds = gap,
                Reason = "the beat loop stood still for more than half of the timeout; silence is counted from its end",
            });
        }

        for (int i = 0; i < _peers.Length; i++)
        {
            if (_peers[i].Configured)
                Judge(_peers[i], i, now);
        }

        JudgeMemory();
        JudgePromise(now);
        JudgeGrant(now);
        ConsiderVotes(now);
        JudgeCandidacy(now);
        JudgeWitness(now);
    }

    /// <summary>
    /// The earliest instant after the last <see cref="OnTick"/> at which a state can change by silence alone; <see cref="long.MaxValue"/> for none.
    /// Waking then, instead of at the next beat, keeps detection at the timeout itself. Not after the present instant: what fell between the two, some
    /// microseconds apart, would be seen a whole interval later. Two networks bring a beat so close together, and each has an instant of its own.
    /// </summary>
    public long NextChange()
    {
        long now = _lastTick;
        long next = _settleEnd > now ? _settleEnd : long.MaxValue;
        for (int i = 0; i < _peers.Length; i++)
        {
            PeerTrack peer = _peers[i];
            if (!peer.Configured)
                continue;
            next = Earlier(next, SilenceStart(peer) + _timeout, now);
            next = Earlier(next, peer.VowUntil, now);
            for (int n = 0; n < peer.Channels.Length; n++)
            {
                if (!peer.Channels[n].Heard)
                    continue;
                long since = Math.Max(peer.Channels[n].LastHeard, _stallEnd);
                long limit = _traits[n].SilenceLimit;
                next = Earlier(next, since + (limit / 2), now);
                next = Earlier(next, since + (limit / 5 * 4), now);
                next = Earlier(next, since + limit, now);
            }
        }

        return NextOfVows(next, now);
    }

    /// <summary>The present view of a peer.</summary>
    public PeerView View(int index, long now)
    {
        PeerTrack peer = _peers[index];
        long daemonSince = (peer.DaemonSinceMilliseconds * Millisecond) + (peer.Heard ? now - peer.DaemonToldAt : 0);
        return new PeerView(
            (byte)index, peer.State, peer.Incarnation, peer.Term, peer.Flags, peer.Daemon, daemonSince, peer.ConfigHash,
            now - (peer.Heard ? peer.LastHeard : _startedAt), MayExclude(index, now, confirmed: false));
    }

    /// <summary>State of an own channel.</summary>
    public ChannelState ChannelOf(int peer, int network) => _peers[peer].Channels[network].State;

    /// <summary>Age of the newest beat on an own channel; 0 when none was ever heard.</summary>
    public long ChannelSilence(int peer, int network, long now) =>
        _peers[peer].Channels[network].Heard ? now - _peers[peer].Channels[network].LastHeard : 0;

    /// <summary>Networks on which <paramref name="hearer"/> says it hears <paramref name="heard"/>, as bits.</summary>
    public byte HeardBy(int hearer, int heard) => hearer == _own ? RowOf(_peers[heard]) : _peers[hearer].MatrixRow[heard];

    private static long Earlier(long next, long candidate, long now) => candidate > now && candidate < next ? candidate : next;

    private void Judge(PeerTrack peer, int index, long now)
    {
        bool anyLate = false;
        for (int n = 0; n < peer.Channels.Length; n++)
        {
            if (!peer.Channels[n].Heard)
                continue;
            long silence = now - Math.Max(peer.Channels[n].LastHeard, _stallEnd);
            ChannelState state = StateFor(silence, _traits[n].SilenceLimit);
            WarnOfSilence(peer, index, n, silence, now);
            anyLate |= peer.Channels[n].Configured && state is ChannelState.Late or ChannelState.Down;
            if (state == peer.Channels[n].State)
                continue;
            peer.Channels[n].State = state;
            Notes.Add(new EngineNote
            {
                Kind = EngineNoteKind.Channel,
                Hearer = (byte)_own,
                Server = (byte)index,
                Network = (byte)n,
                Channel = state,
                Nanoseconds = now - peer.Channels[n].LastHeard,
                Reason = "own channel",
            });
        }

        PeerState was = peer.State;
        peer.State = StateOf(peer, anyLate, now);
        bool may = MayExclude(index, now, confirmed: false);
        uint bit = 1u << index;
        if (!peer.Changed && peer.State == was && may == ((_mayExclude & bit) != 0))
            return;
        _mayExclude = may ? _mayExclude | bit : _mayExclude & ~bit;
        peer.Changed = false;
        Notes.Add(new EngineNote { Kind = EngineNoteKind.Peer, Server = (byte)index, Peer = View(index, now), Reason = "" });
    }

    private static ChannelState StateFor(long silence, long limit) =>
        silence >= limit ? ChannelState.Down : silence >= limit / 2 ? ChannelState.Late : ChannelState.Up;

    private PeerState StateOf(PeerTrack peer, bool anyLate, long now)
    {
        bool silent = now - SilenceStart(peer) >= _timeout && (peer.Heard || now >= _settleEnd);
        PeerState bySilence = silent ? PeerState.Down
            : !peer.Heard ? PeerState.Unknown
            : anyLate ? PeerState.Suspected
            : PeerState.Up;

        // A clean server that is alive and well is simply up; its promise shows in the flags. Once it goes, the promise is what counts.
        bool going = bySilence is PeerState.Suspected or PeerState.Down
            || (peer.Flags & GuardianFlags.Leaving) != 0 || peer.Daemon == DaemonState.Gone;
        return going && IsClean(peer) ? PeerState.Clean : bySilence;
    }

    private bool IsClean(PeerTrack peer) => peer.CleanStated && peer.CleanTerm == _term;
}
