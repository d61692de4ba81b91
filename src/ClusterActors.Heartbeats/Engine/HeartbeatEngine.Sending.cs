using ClusterActors.Heartbeats.Lan;
using ClusterActors.Model;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Heartbeats.Engine;

/// <summary>Writing beats.</summary>
public sealed partial class HeartbeatEngine
{
    private DaemonState _daemon;
    private long _daemonSince;
    private ulong _daemonBackFrom;
    private bool _unclean = true;
    private bool _leaving;

    /// <summary>Conditions as the next beat will state them.</summary>
    public GuardianFlags Flags
    {
        get
        {
            bool unclean = _unclean || _voided;
            GuardianFlags flags = unclean ? GuardianFlags.Unclean : GuardianFlags.None;
            if (!unclean && PromisedClean)
                flags |= GuardianFlags.DownAndClean;
            if (_leaving)
                flags |= GuardianFlags.Leaving;
            if (PromiseShown)
                flags |= GuardianFlags.HoldPromise;
            if (_relying)
                flags |= GuardianFlags.Relying;
            return Forgetful ? flags | GuardianFlags.Forgetful : flags;
        }
    }

    /// <summary>Begins a pass of beats. <paramref name="readBeforeSend"/> is the time the grant is counted from: never read it after a send.</summary>
    public void BeginPass(long readBeforeSend)
    {
        _sequence++;
        _passWanted = false;
        _passTime = readBeforeSend;
        _sendTimes[_sequence % SendTimesKept] = readBeforeSend;
        for (int i = 0; i < _peers.Length; i++)
            _ownRow[i] = RowOf(_peers[i]);
    }

    /// <summary>Writes the beat of this pass for one channel into <paramref name="to"/>; returns its size.</summary>
    public int WriteBeat(int peerIndex, int network, Span<byte> to)
    {
        PeerTrack peer = _peers[peerIndex];
        var beat = new Beat
        {
            Sender = (byte)_own,
            Receiver = (byte)peerIndex,
            Network = (byte)network,
            Daemon = _daemon,
            DaemonSinceMilliseconds = (uint)Math.Clamp((_passTime - _daemonSince) / Millisecond, 0, uint.MaxValue),
            Incarnation = _incarnation,
            Sequence = _sequence,
            SendTime = _passTime,
            Term = _term,
            BaseTerm = _baseTerm,
            ExcludedServers = _excluded,
            Flags = Flags,
            ConfigHash = _configHash,
            WithVotes = UnderVows,
        };
        if (_isCandidate)
        {
            beat.CandidateTerm = _candidacy.Term;
            beat.CandidateExcluded = _candidacy.ExcludedServers;
            beat.CandidateProven = _candidateProven;
        }

        if (MayAnswer(peer, peerIndex))
        {
            beat.AnsweredIncarnation = peer.Incarnation;
            beat.AnsweredSequence = peer.NewestSequence;
            beat.VotedTerm = _votes[peerIndex].Candidate == peer.Incarnation ? _votes[peerIndex].Term : Term.Zero;
            if (!_unclean && !Forgetful && (!UnderVows || OlderVowsAreOver(_passTime)))
            {
                // The timeout may have changed since the receipt, and what is said here must be kept.
                beat.VowMilliseconds = (uint)(_timeout / Millisecond);
                peer.VowUntil = Math.Max(peer.VowUntil, peer.NewestReceivedAt + _timeout);
            }
        }
        else if (peer.ShowsOlderLife)
        {
            // No answer, for no sequence is named: only then does a server in an older term learn why nobody takes its beats.
            beat.AnsweredIncarnation = peer.Incarnation;
        }

        return _codec.Write(in beat, _ownRow, to);
    }

    /// <summary>A datagram was handed to the kernel, or refused by it.</summary>
    public void CountSend(bool accepted)
    {
        if (accepted)
            Counters.Sent++;
        else
            Counters.SendFailures++;
    }

    /// <summary>
    /// An answer is a vow. None goes to a peer whose term is older than ours, none while a raise that excludes it is being stored, and none to
    /// those whom an own candidacy or a vote excludes.
    /// </summary>
    private bool MayAnswer(PeerTrack peer, int index) =>
        peer.Answerable && peer.Term >= _term && (_silenced & (1u << index)) == 0 && (_raising is not { } raise || (raise.ExcludedServers & (1u << index)) == 0);

    private static byte RowOf(PeerTrack peer)
    {
        int bits = 0;
        for (int n = 0; n < peer.Channels.Length; n++)
        {
            if (peer.Channels[n].State is ChannelState.Up or ChannelState.Late)
                bits |= 1 << n;
        }

        return (byte)bits;
    }
}
