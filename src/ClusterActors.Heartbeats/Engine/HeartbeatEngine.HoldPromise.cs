using ClusterActors.Model.Guardian;

namespace ClusterActors.Heartbeats.Engine;

/// <summary>
/// A pair that has lost its arbiter, while both see each other, must not stop when one of them dies as well. So both promise durably to take
/// nothing over by verdict; who knows that every peer has promised needs no vows.
/// <code>
/// none     -> promised   arbiter silent for arbiter-lost-after, every peer in this term answers; shown once it is durable
/// promised -> relying    every peer shows its promise in this term, to this life (the grant then follows the own passes)
/// relying  -> promised   the arbiter answers again and every peer is heard: the grant rests on vows again
/// promised -> lifting    the same, and no peer relies: the promise is kept but no longer shown
/// lifting  -> none       every peer has answered a message that did not show it, and does not rely: it cannot begin to
/// </code>
/// With four or more servers the loss of the arbiter leaves a majority to spare, and a promise would only forbid takeovers: they make none.
/// </summary>
public sealed partial class HeartbeatEngine
{
    private bool _promise;
    private bool _promiseDurable;
    private bool _promiseStoring;
    private bool _promiseLifting;
    private bool _promiseEnding;
    private ulong _promiseEndFrom;
    private bool _relying;
    private long _arbiterHeardAt;

    /// <summary>"I take nothing over by verdict" is in force here.</summary>
    public bool HoldPromise => _promise && PromisesCount;

    /// <summary>The grant rests on the hold promises of all peers.</summary>
    public bool Relying => _relying;

    /// <summary>Time since the voting arbiter answered usefully, or since the start; 0 without one.</summary>
    public long ArbiterSilence(long now) => _arbiter == VotingArbiter.None ? 0 : now - _arbiterHeardAt;

    private bool PromisesCount => UnderVows && _arbiter != VotingArbiter.None && _peerMask != 0 && (_peerMask & (_peerMask - 1)) == 0;

    private bool PromiseShown => HoldPromise && _promiseDurable && !_promiseEnding;

    /// <summary>Relying, and every peer's newest statement still allows it.</summary>
    private bool MayRely => _relying && EveryPeerPromised();

    private void ArbiterAnswered(long now) => _arbiterHeardAt = Math.Max(_arbiterHeardAt, now);

    private void JudgePromise(long now)
    {
        if (!PromisesCount)
        {
            _relying = false;
            return;
        }

        bool lost = now - _arbiterHeardAt >= _arbiterLostAfter;
        bool met = AllPeersInTerm(needNot: 0) && !_unclean;
        bool flows = !lost && now - _arbiterHeardAt < _timeout && (!MayRun || _arbiterVow.End - _margin > now);
        if (lost && met && !_promise)
        {
            _promise = true;
            WantRecord();
        }

        JudgeRelying(lost, met && flows);
        JudgeLifting(met && flows && !_forgetful && !_relying);
    }

    private void JudgeRelying(bool lost, bool vowsDo)
    {
        bool was = _relying;
        bool may = PromiseShown && EveryPeerPromised();
        _relying = may && (_relying ? !vowsDo : lost);
        if (was == _relying)
            return;
        _passWanted = true;
        TellVoting(_relying ? "the arbiter is lost; both servers have promised to hold" : "the grant rests on vows again");
    }

    private void JudgeLifting(bool may)
    {
        if (!_promise || !_promiseDurable || _promiseLifting)
            return;
        if (!may || AnyPeerRelies())
        {
            _promiseEnding = false;
            return;
        }

        if (!_promiseEnding)
        {
            _promiseEnding = true;
            _promiseEndFrom = _sequence + 1;
            _passWanted = true;
            return;
        }

        for (int i = 0; i < _peers.Length; i++)
        {
            if (_peers[i].Configured && _peers[i].AnsweredSequence < _promiseEndFrom)
                return;
        }

        _promiseLifting = true;
        WantRecord();
    }

    private void PromiseStored()
    {
        _promiseDurable = _promiseStoring;
        if (_promiseLifting && !_promiseStoring)
        {
            (_promise, _promiseLifting, _promiseEnding) = (false, false, false);
            TellVoting("the hold promise is lifted: all have met again, and the arbiter answers");
        }
        else if (_promiseDurable)
            _passWanted = true;
    }

    private bool EveryPeerPromised()
    {
        for (int i = 0; i < _peers.Length; i++)
        {
            PeerTrack peer = _peers[i];
            if (peer.Configured && (!peer.AnswersUs || peer.Term != _term || (peer.Flags & GuardianFlags.HoldPromise) == 0))
                return false;
        }

        return true;
    }

    private bool AnyPeerRelies()
    {
        for (int i = 0; i < _peers.Length; i++)
        {
            if (_peers[i].Configured && (_peers[i].Flags & GuardianFlags.Relying) != 0)
                return true;
        }

        return false;
    }

    private void TellVoting(string reason) => Notes.Add(new EngineNote { Kind = EngineNoteKind.Voting, Term = _term, Reason = reason });
}
