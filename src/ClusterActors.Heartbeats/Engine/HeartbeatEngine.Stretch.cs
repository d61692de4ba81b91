using ClusterActors.Heartbeats.Lan;
using ClusterActors.Model;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Heartbeats.Engine;

/// <summary>
/// Timeouts that change while beats flow (<c>clptoratio</c>, new settings). The servers change at different instants, so neither side
/// may rely on what it has itself; each relies on what was told.
/// <para>
/// Raising: V grows here at once, which only makes this server wait longer. L grows only while every other server is heard and has told,
/// in answer to this life, a V that is as long; a peer that is silent or starts anew takes the stretch away with the next pass.
/// </para>
/// <para>
/// Lowering: the peer may have armed its leases by the V told before. Its beats are answered by the old V until it has shown that it
/// knows the new one, and then for one beat more: in the pass that first showed it, the peer sent before it moved its deadline.
/// A V told by an earlier life is treated alike, as long as a beat does not answer this one.
/// </para>
/// </summary>
public sealed partial class HeartbeatEngine
{
    private long _baseTimeout;
    private long _baseGrant;
    private long _grantLength;
    private int _ratio = 1;
    private long _toldBefore;
    private ulong _toldSince = 1;

    /// <summary>
    /// L in force where the grant follows the own passes, nanoseconds: the configured one times what of the ratio every peer has too. Where it rests on
    /// vows, each vow has the length that it was given (<see cref="GrantFor"/>), and the own ratio is only the upper bound.
    /// </summary>
    public long GrantLength => Math.Min(_baseGrant * RatioOfAll(), GrantUnderShorterTimeouts());

    private void TakeTimes(GuardianSettings settings)
    {
        long before = _timeout;
        _baseTimeout = settings.Timeout.Ticks * 100;
        _baseGrant = settings.Grant.Ticks * 100;
        _ratio = settings.Ratio;
        _timeout = _baseTimeout * _ratio;
        _grantLength = _baseGrant * _ratio;
        if (_timeout < before)
            RememberTold(before);
    }

    /// <summary>From the next pass on a shorter V is told than before.</summary>
    private void RememberTold(long vow)
    {
        _toldBefore = Math.Max(_toldBefore, vow);
        _toldSince = _sequence + 1;
        foreach (PeerTrack peer in _peers)
            peer.ForgetShortVow();
    }

    /// <summary>
    /// Until when the vow runs that goes with an accepted beat. Where the grant follows the own passes, a sender that counts on the V told now has given up
    /// any longer deadline, so its vow is over sooner, too; otherwise one stretch would be waited for to its end. A grant that rests on vows is never
    /// moved back, so there every vow is kept to the end that was told.
    /// </summary>
    private long VowEnd(PeerTrack peer, in Beat beat, long receivedAt)
    {
        if (_toldBefore <= _timeout)
            return Math.Max(peer.VowUntil, receivedAt + _timeout);
        if (beat.AnsweredIncarnation == _incarnation && beat.AnsweredSequence >= _toldSince && peer.ShortVowFrom == 0)
            peer.ShortVowFrom = beat.Sequence + 1;
        if (peer.ShortVowFrom == 0 || beat.Sequence < peer.ShortVowFrom)
            return Math.Max(peer.VowUntil, receivedAt + _toldBefore);
        if (UnderVows || peer.CountsOnShortVow)
        {
            NowCountsOnShortVow(peer);
            return Math.Max(peer.VowUntil, receivedAt + _timeout);
        }

        NowCountsOnShortVow(peer);
        return receivedAt + _timeout;
    }

    private void NowCountsOnShortVow(PeerTrack peer)
    {
        peer.CountsOnShortVow = true;
        ForgetToldBefore();
    }

    /// <summary>No peer counts on the longer V any more, and none that starts later can.</summary>
    private void ForgetToldBefore()
    {
        foreach (PeerTrack peer in _peers)
        {
            if (peer.Configured && !peer.CountsOnShortVow)
                return;
        }

        _toldBefore = 0;
    }

    /// <summary>
    /// What of L a server that relies on its peers' promises may count: no more than each has told. A promise may be lifted, and then what was
    /// counted last must be over before the peer's vow is.
    /// </summary>
    private long ReliedVow()
    {
        long vow = _baseTimeout * RatioOfAll();
        for (int i = 0; i < _peers.Length; i++)
        {
            if (_peers[i].Configured && _peers[i].ToldVow > 0)
                vow = Math.Min(vow, _peers[i].ToldVow);
        }

        return vow;
    }

    /// <summary>
    /// New settings with a longer timeout reach one server first. Until the others have told that they wait as long, L stays what their timeout allows: the
    /// next life of one of them knows of no difference that would keep it from taking over. Where that would leave less than two beats, only the rule that
    /// silence of a server with another configuration is no proof protects.
    /// </summary>
    private long GrantUnderShorterTimeouts()
    {
        long grant = long.MaxValue;
        for (int i = 0; _policy == PartitionPolicy.TakeOver && i < _peers.Length; i++)
        {
            long told = _peers[i].Configured ? _peers[i].ToldVow : 0;
            long allowed = told - (_baseTimeout - _baseGrant);
            if (told > 0 && told < _baseTimeout && allowed >= 2 * _interval)
                grant = Math.Min(grant, allowed);
        }

        return grant;
    }

    private long RatioOfAll()
    {
        long ratio = _ratio;
        for (int i = 0; ratio > 1 && i < _peers.Length; i++)
        {
            PeerTrack peer = _peers[i];
            if (peer.Configured)
                ratio = peer.Heard && _passTime - peer.LastHeard < _baseTimeout ? Math.Min(ratio, Math.Max(1, peer.ToldVow / _baseTimeout)) : 1;
        }

        return ratio;
    }
}
