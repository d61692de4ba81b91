using ClusterActors.Heartbeats.Lan;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Heartbeats.Engine;

/// <summary>What the kinds of channels differ in, and warnings before a channel is down.</summary>
public sealed partial class HeartbeatEngine
{
    /// <summary>A channel that flutters is warned of once in this time, unless it gets worse.</summary>
    private const long WarnAgainAfter = 10_000 * Millisecond;

    private readonly ChannelTrait[] _traits = new ChannelTrait[GuardianSettings.MaxNetworks];

    /// <summary>True when an answer on this channel extends the grant; false for one slower than the grant.</summary>
    public bool ExtendsGrant(int network) => _traits[network].ExtendsGrant;

    /// <summary>Silence after which the channel is down, nanoseconds.</summary>
    public long SilenceLimit(int network) => _traits[network].SilenceLimit;

    private void ApplyChannels(GuardianSettings settings)
    {
        Array.Clear(_traits);
        foreach ((byte index, _, _, ChannelPace pace) in GuardianChannels.All(settings))
        {
            _traits[index] = new ChannelTrait(
                pace.ExtendsGrant(settings.Grant * settings.Ratio), pace.SilenceLimit(settings.Timeout * settings.Ratio).Ticks * 100);
            foreach (byte peer in GuardianChannels.PeersOf(settings, index))
                _peers[peer].Channels[index].Configured = true;
        }
    }

    /// <summary>The silence lasts: who is to blame can only be told by whether others of its channels still hear the peer.</summary>
    private void WarnOfSilence(PeerTrack peer, int index, int network, long silence, long now)
    {
        ref ChannelTrack channel = ref peer.Channels[network];
        long limit = _traits[network].SilenceLimit;
        byte percent = silence >= limit ? (byte)0 : PercentOf(silence, limit);
        if (percent == 0)
        {
            channel.Warned = silence < limit / 2 ? (byte)0 : channel.Warned;
            return;
        }

        if (!channel.Configured || percent <= channel.Warned)
            return;
        channel.Warned = percent;
        if (percent < 80 && channel.WarnedAt != 0 && now - channel.WarnedAt < WarnAgainAfter)
            return;
        channel.WarnedAt = now;
        bool heardElsewhere = now - peer.LastHeard < silence / 2;
        TellLate(index, network, percent, silence, limit, LateSide.Unknown,
            heardElsewhere ? "other heartbeats still hear it: the fault is on this one" : "no heartbeat hears it");
    }

    /// <summary>A beat came after a gap that was warned of: its send time tells where the time was lost.</summary>
    private void WarnOfGap(ref ChannelTrack channel, in Beat beat, long receivedAt)
    {
        long gap = receivedAt - channel.LastHeard;
        long limit = _traits[beat.Network].SilenceLimit;
        byte warned = channel.Warned;
        channel.Warned = 0;
        if (warned == 0 || channel.LastSendTime == 0 || gap >= limit)
            return;
        // Between two beats that followed each other. Where some in between are missing, they were sent, and so the gap is none of the sender's.
        long sendGap = (beat.SendTime - channel.LastSendTime) / (long)(beat.Sequence - channel.LastSequence);
        if (sendGap >= limit / 2)
            TellLate(beat.Sender, beat.Network, warned, sendGap, limit, LateSide.Peer, "it sent nothing for that long: the gap is in its own send times");
        else if (_stallEnd > channel.LastHeard)
            TellLate(beat.Sender, beat.Network, warned, gap, limit, LateSide.Receiver, "this server's own beat loop stood still");
        else
            TellLate(beat.Sender, beat.Network, warned, gap, limit, LateSide.Way, "it sent in time: beats were lost or held up on the way");
    }

    private static byte PercentOf(long silence, long limit) =>
        silence >= limit / 5 * 4 ? (byte)80 : silence >= limit / 2 ? (byte)50 : (byte)0;

    private void TellLate(int server, int network, byte percent, long elapsed, long limit, LateSide side, string cause) => Notes.Add(new EngineNote
    {
        Kind = EngineNoteKind.Late,
        Server = (byte)server,
        Network = (byte)network,
        Percent = percent,
        Nanoseconds = elapsed,
        LimitNanoseconds = limit,
        Side = side,
        Reason = cause,
    });

    private readonly record struct ChannelTrait(bool ExtendsGrant, long SilenceLimit);
}
