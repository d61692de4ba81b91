using ClusterActors.Heartbeats.Lan;
using ClusterActors.Model;
using ClusterActors.Model.Guardian;
using ClusterActors.Model.Voting;

namespace ClusterActors.Heartbeats.Engine;

/// <summary>
/// Asking for votes. A server that would exclude another one by silence alone becomes a candidate: it answers nothing to those it would exclude,
/// shows the term it wants, and counts the voters that have durably voted for it. With a majority the term is stored and committed as any other.
/// <code>
/// none      -> candidate  PrepareRaise; its note follows
/// candidate -> won        votes of a majority: note CandidacyWon, then CommitRaise or AbandonRaise
/// candidate -> none       time over, overtaken, an excluded server heard again, refused: note CandidacyLost
/// </code>
/// A candidacy that was given up is never taken up again: its number is not used any more, so a late vote for it counts for nothing.
/// <para>
/// A server that is refused during a cut tries again about once a second, each time with a new number. Waiting longer each time would save numbers, of which there
/// are 2^64, and cost time: a voter tells only a candidate that its vow to the other side has run out, so that is learned by asking alone.
/// </para>
/// </summary>
public sealed partial class HeartbeatEngine
{
    private const long ShortestCandidacy = 250 * Millisecond;

    private bool _isCandidate;
    private bool _candidacyWon;
    private StoredTerm _candidacy;
    private uint _candidateProven;
    private ulong _candidateFrom;
    private long _candidateUntil;
    private long _arbiterVoteUntil;

    /// <summary>The term that votes are asked for; zero when this server is no candidate.</summary>
    public Term CandidateTerm => _isCandidate ? _candidacy.Term : Term.Zero;

    /// <summary>The candidacy has a majority, and is neither committed nor abandoned.</summary>
    public StoredTerm? WonCandidacy => _candidacyWon ? _candidacy : null;

    private RaiseDecision BecomeCandidate(long now, StoredTerm term, uint proven, bool arbiterVote)
    {
        _isCandidate = true;
        _candidacyWon = false;
        _candidacy = term;
        _candidateProven = proven;
        _candidateFrom = _sequence + 1;
        _candidateUntil = now + Math.Max(4 * _interval, ShortestCandidacy);
        _arbiterVoteUntil = arbiterVote && _arbiter == VotingArbiter.Store ? _candidateUntil : 0;
        _witnessVerdict = WitnessVerdict.None;
        for (int i = 0; i < _peers.Length; i++)
            _peers[i].VoteUntil = 0;
        CountSilenced();
        _passWanted = true;
        if (CountVotes(now) < _majority)
            return RaiseDecision.Await(term);
        _candidacyWon = true;
        _raising = term;
        return new RaiseDecision(true, term, "", 255);
    }

    /// <summary>Votes in force, the own one included. Each counts for the unstretched L after the sending of the message that it answered.</summary>
    private int CountVotes(long now)
    {
        int votes = 1;
        for (int i = 0; i < _peers.Length; i++)
        {
            bool carried = _peers[i].Configured && (_candidacy.ExcludedServers & (1u << i)) == 0;
            if (carried && now < _peers[i].VoteUntil)
                votes++;
        }

        return _arbiter != VotingArbiter.None && now < _arbiterVoteUntil ? votes + 1 : votes;
    }

    /// <summary>A peer's newest statement: its vote for the candidacy, or that it has none.</summary>
    private void TakeVote(PeerTrack peer, in Beat beat, bool answersUs)
    {
        bool voted = _isCandidate && answersUs && beat.VotedTerm == _candidacy.Term && beat.AnsweredSequence >= _candidateFrom && beat.Term == _term;
        peer.VoteUntil = voted ? SendTimeOf(beat.AnsweredSequence) + _baseGrant : 0;
    }

    private void JudgeCandidacy(long now)
    {
        if (!_isCandidate || _candidacyWon)
            return;
        if (WhyStillExclude(now) is { } heard)
            GiveUpCandidacy(heard);
        else if (FirstHasPrecedence())
            GiveUpCandidacy("a server before this one in configured order asks for votes too");
        else if (CountVotes(now) >= _majority)
        {
            _candidacyWon = true;
            _raising = _candidacy;
            Notes.Add(new EngineNote
            {
                Kind = EngineNoteKind.CandidacyWon,
                Term = _candidacy.Term,
                BaseTerm = _candidacy.BaseTerm,
                ExcludedServers = _candidacy.ExcludedServers,
                Reason = "a majority of the voters has voted for it",
            });
        }
        else if (now >= _candidateUntil)
            GiveUpCandidacy(WhyNoMajority());
    }

    private string? WhyStillExclude(long now)
    {
        for (int i = 0; i < _peers.Length; i++)
        {
            uint bit = 1u << i;
            if ((_candidacy.ExcludedServers & bit) != 0 && WhyNotExclude(_peers[i], now, (_candidateProven & bit) != 0) is not null)
                return "a server to be excluded was heard again";
        }

        return null;
    }

    /// <summary>Of two candidates that see each other one must give way, or neither gets the other's vote.</summary>
    private bool FirstHasPrecedence()
    {
        for (int i = 0; i < _own; i++)
        {
            PeerTrack peer = _peers[i];
            bool heard = peer.Configured && _lastTick - peer.LastHeard < _timeout;
            bool rival = heard && peer.CandidateTerm != Term.Zero && peer.Term == _term && (_candidacy.ExcludedServers & (1u << i)) == 0;
            if (rival && (peer.CandidateExcluded & (1u << _own)) == 0)
                return true;
        }

        return false;
    }

    private string WhyNoMajority() => _arbiter == VotingArbiter.None
        ? "too few servers voted for it in time"
        : _witnessVerdict switch
        {
            WitnessVerdict.OpenVow => "the witness refuses its vote: its vow to a server to be excluded still runs, so that server still reaches it",
            WitnessVerdict.StartWait => "the witness refuses its vote: it started too recently",
            WitnessVerdict.Unregistered => "the witness refuses its vote: its store is new or old, and not every server has registered with it yet",
            WitnessVerdict.OtherVote => "the witness refuses its vote: another server has it",
            WitnessVerdict.OlderTerm or WitnessVerdict.NotHigher => "the witness refuses its vote: it knows a higher term",
            WitnessVerdict.Excluded => "the witness refuses its vote: it has voted for another server that excludes this one",
            WitnessVerdict.TermChange => "the witness refuses its vote: it met this term only now",
            WitnessVerdict.ServerCount => "the witness refuses its vote: its file of the cluster has another number of servers",
            WitnessVerdict.BadRequest or WitnessVerdict.Unclean => "the witness refuses its vote: it does not accept the request",
            _ => "too few voters, the arbiter among them, voted for it in time",
        };

    /// <summary>The number is used up: the next message shows no candidacy, and with that the votes are given back.</summary>
    private void GiveUpCandidacy(string reason)
    {
        if (!_isCandidate)
            return;
        bool told = !_candidacyWon;
        _isCandidate = false;
        _candidacyWon = false;
        _raising = null;
        _highestNumber = Math.Max(_highestNumber, _candidacy.Term.Number);
        CountSilenced();
        _passWanted = true;
        if (told)
            Notes.Add(new EngineNote { Kind = EngineNoteKind.CandidacyLost, Term = _candidacy.Term, ExcludedServers = _candidacy.ExcludedServers, Reason = reason });
    }
}
