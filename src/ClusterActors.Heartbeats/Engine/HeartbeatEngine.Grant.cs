using ClusterActors.Model;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Heartbeats.Engine;

/// <summary>
/// The grant under the policies take-over and hold, and where only a fence decides: it follows the guardian's own life. Each pass moves the deadline to L after the time
/// read before its sends. Kernel leases and the kill timer are set to that deadline, so a guardian that stops passing loses both.
/// <code>
/// none    -> held     groups may run in the term, and every live server has shown it
/// held    -> expired  a pass begins at or after the deadline (the loop stood still)
/// expired -> held     a peer in the same term answered a beat sent after the expiry; or no peer is up for V after the stall (said aloud)
/// held, expired -> ended   superseded, made safe, leaving, unclean
/// ended   -> held     as from none, in a later term
/// </code>
/// </summary>
public sealed partial class HeartbeatEngine
{
    private long _expiredAt;
    private bool _accepted;
    private uint _needNotAccept;

    /// <summary>State of the grant.</summary>
    public GrantState Grant { get; private set; }

    /// <summary>Boot time at which the grant ends unless it is renewed; 0 when there is none. Read by the thread that sets leases.</summary>
    public long GrantDeadline { get; private set; }

    /// <summary>
    /// New starts are allowed: the grant is held, and every live server has shown the term in force once. Without the second condition two
    /// live servers that raised at the same moment would both start before they met.
    /// </summary>
    public bool MayStart => MayRun && Grant == GrantState.Held && _accepted;

    /// <summary>All beats of the pass were handed to the kernel. Returns the grant's deadline: set every lease and timer to it, never to a later one.</summary>
    public long EndPass()
    {
        if (!MayRun)
        {
            EndGrant("groups may not run here");
            return 0;
        }

        bool acceptedNow = !_accepted && AllLiveServersShowTheTerm();
        _accepted |= acceptedNow;
        if (UnderVows)
            return EndPassUnderVows(acceptedNow);
        if (Grant is GrantState.None or GrantState.Ended)
        {
            if (_accepted && !_standingDown)
                Hold("groups may run in this term");
        }
        else if (Grant == GrantState.Held && _passTime >= GrantDeadline)
            Expire();
        else if (Grant == GrantState.Expired)
            Revalidate();
        else if (Grant == GrantState.Held && acceptedNow)
            Hold("every live server has adopted the term");

        if (Grant == GrantState.Held)
            (GrantDeadline, GrantBasis, GrantVow, GrantVoter) = (_passTime + GrantLength, _passTime, _timeout, NoVoter);
        return GrantDeadline;
    }

    /// <summary>A lease could not be renewed in the kernel (expired, or its table is gone): the grant counts as run out.</summary>
    public void LeaseLost(long now)
    {
        _passTime = Math.Max(_passTime, now);
        if (Grant == GrantState.Held)
            Expire();
    }

    private void Expire()
    {
        _expiredAt = _passTime;
        GrantDeadline = 0;
        GrantVoter = NoVoter;
        if (UnderVows)
            DropVows(_passTime);
        Tell(GrantState.Expired, "the grant ran out before it was renewed: this server stood still");

        // Where only the lease was lost the kernel ends no program, but the daemon counts everything as ended and starts it elsewhere.
        if (!_standingDown)
            BeginStandDown(_passTime);
    }

    private void Revalidate()
    {
        if (_standingDown)
            return;
        bool anyUp = false;
        for (int i = 0; i < _peers.Length; i++)
        {
            PeerTrack peer = _peers[i];
            if (!peer.Configured)
                continue;
            if (peer.Term == _term && peer.AnsweredSendTime > _expiredAt)
            {
                Hold("a peer in the same term answered a beat sent after the expiry");
                return;
            }

            anyUp |= peer.Heard && _passTime - SilenceStart(peer) < _timeout;
        }

        if (!anyUp && (_peerMask == 0 || _passTime - _expiredAt >= _timeout))
            Hold("no peer was heard for the whole timeout after the expiry, so none has taken over within hearing");
    }

    private bool AllLiveServersShowTheTerm()
    {
        for (int i = 0; i < _peers.Length; i++)
        {
            PeerTrack peer = _peers[i];
            bool live = peer.Configured && peer.Heard && _passTime - peer.LastHeard < _timeout;
            // Silence alone proves nothing except under take-over: one that is not excluded may have gone on in another term.
            bool counts = live || (_policy != PartitionPolicy.TakeOver && peer.Configured && (_excluded & (1u << i)) == 0);
            if (counts && (_needNotAccept & (1u << i)) == 0 && peer.Term != _term)
                return false;
        }

        return true;
    }

    private void Hold(string reason) => Tell(GrantState.Held, reason);

    private void EndGrant(string reason)
    {
        GrantDeadline = 0;
        GrantVoter = NoVoter;
        _killBy = 0;
        if (Grant is not (GrantState.Held or GrantState.Expired))
            return;
        DropVows(Math.Max(_passTime, _lastTick));
        Tell(GrantState.Ended, reason);
    }

    private void Tell(GrantState state, string reason)
    {
        Grant = state;
        Notes.Add(new EngineNote { Kind = EngineNoteKind.Grant, Grant = state, Term = _term, Nanoseconds = GrantDeadline, Reason = reason });
    }
}
