using ClusterActors.Heartbeats.Lan;
using ClusterActors.Model;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Heartbeats.Engine;

/// <summary>
/// The term: raised here on request, or adopted from a peer. Both take two steps, since a term must be on disk before any beat shows
/// it: the engine decides, the caller stores, the engine commits.
/// </summary>
public sealed partial class HeartbeatEngine
{
    private Term _term;
    private Term _baseTerm;
    private uint _excluded;
    private ulong _highestNumber;

    private StoredTerm? _raising;
    private StoredTerm? _adopting;
    private bool _voided;
    private bool _promised;
    private Term _promisedTerm;

    /// <summary>Term in force.</summary>
    public Term Term => _term;

    /// <summary>Term in force with its base and excluded servers.</summary>
    public StoredTerm CurrentTerm => new(_term, _baseTerm, _excluded);

    /// <summary>A higher term waits to be stored and committed.</summary>
    public StoredTerm? Adopting => _adopting;

    /// <summary>That term voids what this server runs: everything must be ended before it is committed.</summary>
    public bool IsSuperseded => _voided;

    /// <summary>Programs and addresses may be started: clean, not leaving, nothing promised for this term, not superseded.</summary>
    public bool MayRun => !_unclean && !_leaving && !_voided && !PromisedClean;

    private bool PromisedClean => _promised && _promisedTerm == _term;

    /// <summary>
    /// Start-up cleaning is done and verified. From now on vows are given; as a new life starts nothing in the stored term, this is also
    /// the promise "down and clean" for it.
    /// </summary>
    public void SetClean()
    {
        _unclean = false;
        PromiseClean("nothing runs after start-up cleaning");
    }

    /// <summary>Everything here was ended: nothing starts in this term any more. Ends the grant.</summary>
    public void PromiseClean(string reason)
    {
        _promised = true;
        _promisedTerm = _term;
        EndGrant(reason);
    }

    /// <summary>Something may still run here although it should not: no vow and no statement until <see cref="SetClean"/>.</summary>
    public void SetUnclean(string reason)
    {
        _unclean = true;
        GiveUpCandidacy(reason);
        EndGrant(reason);
    }

    /// <summary>The guardian is on its way out.</summary>
    public void SetLeaving()
    {
        _leaving = true;
        GiveUpCandidacy("the guardian is leaving");
    }

    /// <summary>
    /// Decides a request to raise the term. When granted, the excluded servers get no answer (no vow) from this instant on; the caller
    /// stores the term and calls <see cref="CommitRaise"/>, or <see cref="AbandonRaise"/> when storing failed. Where votes count and a server is
    /// excluded by silence alone, votes are asked for first (<see cref="RaiseDecision.Awaited"/>).
    /// </summary>
    /// <param name="confirmed">Servers known to be down by an administrator's word or a fence.</param>
    /// <param name="arbiterVote">A store arbiter has given its vote for this raise.</param>
    public RaiseDecision PrepareRaise(long now, Term expected, uint excluded, uint confirmed, bool arbiterVote = false)
    {
        if (_unclean || _voided)
            return RaiseDecision.Refused("start-up cleaning is not finished, or this server has just been superseded");
        if (_leaving)
            return RaiseDecision.Refused("the guardian is leaving");
        if (_isCandidate)
            return RaiseDecision.Refused("votes are being asked for already");
        if (_raising is not null || _adopting is not null)
            return RaiseDecision.Refused("another change of the term is being stored");
        if (expected != _term)
            return RaiseDecision.Refused("the term has changed since the decision was made");
        if ((excluded & ~_peerMask) != 0)
            return RaiseDecision.Refused("only other configured servers can be excluded");
        if (_highestNumber == ulong.MaxValue)
            return RaiseDecision.Refused("no higher term number exists");

        uint unproven = 0;
        for (int i = 0; i < _peers.Length; i++)
        {
            uint bit = 1u << i;
            if ((_peerMask & bit) == 0)
                continue;
            if ((excluded & ~confirmed & bit) != 0 && !IsProvenClean(_peers[i]))
                unproven |= bit;
            string? problem = (excluded & bit) != 0
                ? WhyNotExclude(_peers[i], now, (confirmed & bit) != 0)
                : WhyNotCarry(_peers[i], now);
            if (problem is not null)
                return RaiseDecision.Refused(problem, i);
        }

        var term = new StoredTerm(new Term(_highestNumber + 1, _own), _term, excluded);
        if (UnderVows && unproven != 0)
            return BecomeCandidate(now, term, excluded & ~unproven, arbiterVote);
        _raising = term;
        return new RaiseDecision(true, term, "", 255);
    }

    /// <summary>
    /// The prepared term is on disk. False when it was overtaken: a peer showed a higher term, or an excluded server was heard again meanwhile
    /// (it got no vow, so nothing unsafe happened; the stored number is simply skipped).
    /// </summary>
    public bool CommitRaise(long now)
    {
        if (_raising is not { } raise)
            return false;
        _raising = null;
        if (WasOvertaken(in raise, now))
        {
            GiveUpCandidacy("it was overtaken");
            return false;
        }

        uint promisedAway = raise.ExcludedServers & PromisedAway();
        Enter(raise);
        _needNotAccept = promisedAway;
        return true;
    }

    /// <summary>The prepared term could not be stored.</summary>
    public void AbandonRaise()
    {
        _raising = null;
        GiveUpCandidacy("the term could not be stored");
    }

    private bool WasOvertaken(in StoredTerm raise, long now)
    {
        if (_adopting is not null || raise.Term.Number <= _highestNumber)
            return true;
        if (_isCandidate && CountVotes(now) < _majority)
            return true;
        for (int i = 0; i < _peers.Length; i++)
        {
            if ((raise.ExcludedServers & (1u << i)) != 0 && !IsClean(_peers[i]) && now - SilenceStart(_peers[i]) < _timeout)
                return true;
        }

        return false;
    }

    /// <summary>
    /// The peer's term is on disk. False when a still higher one has been seen meanwhile, or one that voids this server's claims came while a harmless
    /// one was on its way to the disk: another note tells of it.
    /// </summary>
    /// <param name="everythingEnded">Everything that ran here in earlier terms is ended and verified.</param>
    public bool CommitAdoption(Term term, bool everythingEnded)
    {
        if (_adopting is not { } adopting || adopting.Term != term || (_voided && !everythingEnded))
            return false;
        _adopting = null;
        _voided = false;
        // Without a daemon, or on the way out, nothing here can start in the new term either. Saying so keeps the peer from waiting for this
        // server to take part: it raised the term because of this very promise.
        bool staysIdle = PromisedClean && (_leaving || _daemon == DaemonState.Gone);
        Enter(adopting);
        if (staysIdle)
            PromiseClean("nothing runs here and no daemon could start anything");
        else if (term.ServerIndex == _own && ExcludesSomebodyUnheard())
            PromiseClean("an earlier life raised this term, and who has adopted it since is not known any more");
        return true;
    }

    /// <summary>True when the rules let this server void the claims of <paramref name="index"/> now.</summary>
    public bool MayExclude(int index, long now, bool confirmed) => WhyNotExclude(_peers[index], now, confirmed) is null;

    private string? WhyNotExclude(PeerTrack peer, long now, bool confirmed)
    {
        if (IsProvenClean(peer))
            return null;
        return (confirmed ? null : WhySilenceIsNotEnough(peer)) ?? WhyNotSilent(peer, now);
    }

    private string? WhySilenceIsNotEnough(PeerTrack peer) => _policy switch
    {
        // Its right to run groups lasts as long as its own settings say, which may be longer than the timeout here.
        PartitionPolicy.TakeOver when peer.Heard && peer.ConfigHash != _configHash && !IsOut(peer) =>
            "silence alone is no proof: its guardian worked with another configuration than the one here; an administrator must confirm that it is off",
        PartitionPolicy.TakeOver => null,
        PartitionPolicy.Hold => "policy hold: silence is no proof; it must say down and clean, or an administrator must confirm it",
        _ when _voting == VotingMode.FenceOnly => "silence alone is no proof: a fence must have succeeded, or an administrator must confirm it",
        _ when HoldPromise => "this server has promised to take nothing over by verdict until all have met again with the arbiter; a fence or an administrator may decide",
        _ when _forgetful => "this server has lost its record of votes and must meet every peer first; a fence or an administrator may decide",
        _ => null,
    };

    private bool ExcludesSomebodyUnheard()
    {
        for (int i = 0; i < _peers.Length; i++)
        {
            if (_peers[i].Configured && !_peers[i].Heard && (_excluded & (1u << i)) != 0)
                return true;
        }

        return false;
    }

    /// <summary>The term in force has ended its claims, and it has not shown that it knows.</summary>
    private bool IsOut(PeerTrack peer) => (_excluded & (1u << Array.IndexOf(_peers, peer))) != 0 && peer.Term < _term;

    private bool IsProvenClean(PeerTrack peer) => IsClean(peer) && IsFinal(peer);

    private string? WhyNotSilent(PeerTrack peer, long now)
    {
        if (now < _settleEnd)
            return "this guardian started too recently: an earlier life may have given a vow that still runs";
        if (now - SilenceStart(peer) < _timeout)
            return "it was heard within the timeout";
        return now < peer.VowUntil ? "the vow given to it still runs" : null;
    }

    /// <summary>
    /// "Clean" says that nothing starts there in this term, not that its sender will not raise the next. Two clean servers that lose sight
    /// of each other could so exclude one another by each other's word, and both would start: of two clean ones only the first in
    /// configured order may use it, unless the other is on its way out or has no daemon that could ask. The first one itself must not be taken
    /// for such a server: after its daemon was given up and came back, the other must have answered a beat that says so.
    /// </summary>
    private bool IsFinal(PeerTrack peer) =>
        !PromisedClean || (_own < Array.IndexOf(_peers, peer) && peer.AnsweredSequence >= _daemonBackFrom) || (peer.Flags & GuardianFlags.Leaving) != 0 || peer.Daemon == DaemonState.Gone;

    /// <summary>A server that is not excluded goes on in the new term, so it must be heard and in the same term now.</summary>
    private string? WhyNotCarry(PeerTrack peer, long now)
    {
        if (!peer.Heard || now - SilenceStart(peer) >= _timeout)
            return "it is silent and not excluded: exclude it, or wait for it";
        return peer.Term == _term ? null : "it is not excluded and shows another term: wait until both are in the same";
    }

    /// <summary>Clean servers that cannot ask for a term themselves: on their way out, or without a daemon for good.</summary>
    private uint PromisedAway()
    {
        uint mask = 0;
        for (int i = 0; i < _peers.Length; i++)
        {
            PeerTrack peer = _peers[i];
            bool away = (peer.Flags & GuardianFlags.Leaving) != 0 || peer.Daemon == DaemonState.Gone;
            if (peer.Configured && away && IsClean(peer))
                mask |= 1u << i;
        }

        return mask;
    }

    private void ConsiderHigherTerm(in Beat beat)
    {
        Term known = _adopting?.Term ?? _term;
        if (beat.Term <= known)
            return;
        bool spared = beat.BaseTerm == known && (beat.ExcludedServers & (1u << _own)) == 0;
        bool mayHaveRun = !_unclean && !PromisedClean;
        bool voids = !spared && (mayHaveRun || _voided);
        _raising = null;
        GiveUpCandidacy("a peer shows a higher term");
        _adopting = new StoredTerm(beat.Term, beat.BaseTerm, beat.ExcludedServers);
        if (voids)
        {
            _voided = true;
            EndGrant("a peer shows a higher term that voids this server's claims");
        }

        Notes.Add(new EngineNote
        {
            Kind = voids ? EngineNoteKind.Superseded : EngineNoteKind.HigherTerm,
            Server = beat.Sender,
            Term = beat.Term,
            ExcludedServers = beat.ExcludedServers,
            Reason = "shown by a peer",
        });
    }

    private void Enter(StoredTerm term)
    {
        KeepOlderVows(term);
        _term = term.Term;
        _baseTerm = term.BaseTerm;
        _excluded = term.ExcludedServers;
        _accepted = false;
        _needNotAccept = 0;
        _isCandidate = _candidacyWon = false;
        _termFrom = _sequence + 1;
        _highestNumber = Math.Max(_highestNumber, _term.Number);
        for (int i = 0; i < _peers.Length; i++)
        {
            // From now on nothing of an older term is answered, and a promise for it is history.
            _peers[i].Answerable = _peers[i].Heard && _peers[i].Term >= _term;
            _peers[i].Changed |= _peers[i].Configured;
        }

        ForgetVotesUpTo(_term);
    }

    /// <summary>
    /// Of two terms raised from one base the lower may be in force unknown to the maker of the higher, where both exclude by proof and need no votes.
    /// A voter that goes from one to the other first lets its vows to everyone who has not shown the new term run out, those of an earlier life as well;
    /// else one vow would stand for a server in each.
    /// </summary>
    private void KeepOlderVows(StoredTerm term)
    {
        if (term.BaseTerm == _term)
            return;
        for (int i = 0; i < _peers.Length; i++)
        {
            PeerTrack peer = _peers[i];
            peer.OlderVowUntil = peer.Configured && peer.Term != term.Term ? Math.Max(Math.Max(peer.OlderVowUntil, peer.VowUntil), _settleEnd) : 0;
        }
    }

    /// <summary>No vow of a term that the present one does not continue runs any more.</summary>
    private bool OlderVowsAreOver(long now)
    {
        for (int i = 0; i < _peers.Length; i++)
        {
            if (_peers[i].Configured && now < _peers[i].OlderVowUntil)
                return false;
        }

        return true;
    }
}
