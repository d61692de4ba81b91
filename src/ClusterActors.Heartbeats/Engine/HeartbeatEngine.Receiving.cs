using ClusterActors.Heartbeats.Lan;
using ClusterActors.Model;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Heartbeats.Engine;

/// <summary>Taking beats in.</summary>
public sealed partial class HeartbeatEngine
{
    /// <summary>
    /// Takes one datagram. <paramref name="receivedAt"/> is the kernel's time stamp (a later one than <paramref name="now"/> is taken as
    /// now); silence and vows are counted from it.
    /// </summary>
    public BeatRefusal OnDatagram(long now, long receivedAt, int network, ReadOnlySpan<byte> datagram)
    {
        BeatRefusal refusal = _codec.Read(datagram, (byte)_own, (byte)network, out Beat beat);
        if (refusal == BeatRefusal.None)
            refusal = CheckLife(in beat);
        switch (refusal)
        {
            case BeatRefusal.None:
                Accept(in beat, Math.Min(receivedAt, now), datagram);
                Counters.Accepted++;
                break;
            case BeatRefusal.Replayed or BeatRefusal.OlderIncarnation:
                Counters.RefusedReplay++;
                break;
            default:
                Counters.RefusedForgery++;
                break;
        }

        return refusal;
    }

    /// <summary>Sender known, not an earlier life, not a repeated sequence.</summary>
    private BeatRefusal CheckLife(in Beat beat)
    {
        if (beat.Sender >= GuardianSettings.MaxServers || (_peerMask & (1u << beat.Sender)) == 0)
            return BeatRefusal.NotForUs;
        PeerTrack peer = _peers[beat.Sender];
        if (peer.Incarnation == beat.Incarnation)
            return beat.Sequence > peer.Channels[beat.Network].LastSequence ? BeatRefusal.None : BeatRefusal.Replayed;
        if (beat.Incarnation.StartCounter > peer.Incarnation.StartCounter)
            return BeatRefusal.None;
        // A delayed beat of an earlier life, or the sender's counter was set back: it is told which life is known here.
        peer.ShowsOlderLife = true;
        return BeatRefusal.OlderIncarnation;
    }

    private void Accept(in Beat beat, long receivedAt, ReadOnlySpan<byte> datagram)
    {
        PeerTrack peer = _peers[beat.Sender];
        if (peer.Incarnation != beat.Incarnation)
        {
            peer.BeginLife(beat.Incarnation);
            peer.Changed = true;
        }

        ref ChannelTrack channel = ref peer.Channels[beat.Network];
        if (channel.LastSequence != 0 && beat.Sequence > channel.LastSequence + 1)
            Counters.Missed += (long)(beat.Sequence - channel.LastSequence - 1);
        WarnOfGap(ref channel, in beat, receivedAt);
        channel.LastSequence = beat.Sequence;
        channel.LastSendTime = beat.SendTime;
        channel.LastHeard = Math.Max(channel.LastHeard, receivedAt);
        channel.Heard = true;
        peer.LastHeard = Math.Max(peer.LastHeard, receivedAt);
        peer.Heard = true;
        peer.ShowsOlderLife = false;

        // A slower network may deliver an older statement: it proves life, but says nothing new.
        if (beat.Sequence > peer.NewestSequence)
        {
            peer.NewestSequence = beat.Sequence;
            peer.NewestReceivedAt = receivedAt;
            TakeStatement(peer, in beat, receivedAt);
            TakeRow(peer, beat.Sender, datagram.Slice(BeatCodec.MatrixOffset, GuardianSettings.MaxServers));
        }

        // Counted from every accepted beat that may be answered, also when the answer is never sent: waiting longer is always safe.
        if (!_unclean && MayAnswer(peer, beat.Sender))
            peer.VowUntil = VowEnd(peer, in beat, receivedAt);
    }

    private void TakeStatement(PeerTrack peer, in Beat beat, long receivedAt)
    {
        bool answersUs = beat.AnsweredIncarnation == _incarnation && beat.AnsweredSequence != 0;
        bool clean = answersUs && (beat.Flags & (GuardianFlags.DownAndClean | GuardianFlags.Unclean)) == GuardianFlags.DownAndClean;
        if (peer.Term != beat.Term || peer.Flags != beat.Flags || peer.Daemon != beat.Daemon || peer.ConfigHash != beat.ConfigHash
            || peer.AnswersUs != answersUs || peer.CleanStated != clean)
        {
            peer.Changed = true;
        }

        peer.Term = beat.Term;
        peer.Flags = beat.Flags;
        peer.Daemon = beat.Daemon;
        peer.DaemonSinceMilliseconds = beat.DaemonSinceMilliseconds;
        peer.DaemonToldAt = receivedAt;
        peer.ConfigHash = beat.ConfigHash;
        peer.AnswersUs = answersUs;
        peer.ToldVow = answersUs ? beat.VowMilliseconds * Millisecond : 0;
        peer.CleanStated = clean;
        peer.CleanTerm = beat.Term;
        peer.Answerable = beat.Term >= _term;
        _highestNumber = Math.Max(_highestNumber, beat.Term.Number);

        // How long the vow of the life before was is not known to the new one, so its start-up wait may be too short for it.
        if ((beat.Flags & GuardianFlags.Forgetful) != 0)
            peer.Vow = default;
        if (answersUs && beat.VowMilliseconds > 0 && beat.Term == _term && _traits[beat.Network].ExtendsGrant)
        {
            long sent = SendTimeOf(beat.AnsweredSequence);
            peer.AnsweredSendTime = Math.Max(peer.AnsweredSendTime, sent);
            TakeVow(ref peer.Vow, sent, beat.VowMilliseconds * Millisecond);
        }

        TakeCandidacy(peer, in beat, answersUs);
        // Also one of the same count: a state set back by one start gives its next life a number that the peer has heard from another boot.
        if (beat.AnsweredIncarnation.StartCounter >= _incarnation.StartCounter && beat.AnsweredIncarnation != _incarnation && !_incarnationBehindTold)
        {
            _incarnationBehindTold = true;
            Notes.Add(new EngineNote
            {
                Kind = EngineNoteKind.OwnIncarnationBehind,
                Server = beat.Sender,
                Nanoseconds = beat.AnsweredIncarnation.StartCounter,
                Reason = "a peer has heard a later life of this server: the stored start counter was set back",
            });
        }

        ConsiderHigherTerm(in beat);
    }

    private void TakeCandidacy(PeerTrack peer, in Beat beat, bool answersUs)
    {
        peer.AnsweredSequence = answersUs ? beat.AnsweredSequence : 0;
        peer.CandidateTerm = beat.CandidateTerm;
        peer.CandidateExcluded = beat.CandidateExcluded;
        peer.CandidateProven = beat.CandidateProven;
        TakeVote(peer, in beat, answersUs);
        TakeBackVote(peer, in beat);
    }

    /// <summary>When the beat with this sequence was sent; 0 for a sequence never sent or too old to know.</summary>
    private long SendTimeOf(ulong sequence) =>
        sequence == 0 || sequence > _sequence || _sequence - sequence >= SendTimesKept ? 0 : _sendTimes[sequence % SendTimesKept];

    private void TakeRow(PeerTrack peer, int peerIndex, ReadOnlySpan<byte> row)
    {
        for (int server = 0; server < row.Length; server++)
        {
            int changed = peer.MatrixRow[server] ^ row[server];
            peer.MatrixRow[server] = row[server];
            for (int network = 0; changed != 0; network++, changed >>= 1)
            {
                if ((changed & 1) == 0 || (server != _own && (_peerMask & (1u << server)) == 0))
                    continue;
                Notes.Add(new EngineNote
                {
                    Kind = EngineNoteKind.Channel,
                    Hearer = (byte)peerIndex,
                    Server = (byte)server,
                    Network = (byte)network,
                    Channel = (row[server] & (1 << network)) != 0 ? ChannelState.Up : ChannelState.Down,
                    Reason = "told by the hearer",
                });
            }
        }
    }
}
