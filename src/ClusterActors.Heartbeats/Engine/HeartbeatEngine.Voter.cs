using ClusterActors.Heartbeats.Lan;
using ClusterActors.Model;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Heartbeats.Engine;

/// <summary>
/// Giving votes. A vote says: "my vows to those you exclude have run out, and from now on I answer them nothing". It is durable before it is shown
/// and holds until a term that is not lower is in force here, or until the candidate's own later message shows that it gave the candidacy up.
/// <para>
/// What has to be durable goes to disk as one record: note <see cref="EngineNoteKind.Record"/>, <see cref="TakeRecord"/>, store,
/// <see cref="RecordStored"/>. Only one is under way at a time. Promises bind from when they are wanted and are shown once they are stored.
/// </para>
/// </summary>
public sealed partial class HeartbeatEngine
{
    private readonly Vote[] _votes = new Vote[GuardianSettings.MaxServers];
    private Vote _pendingVote;
    private Vote _pendingStored;
    private uint _silenced;
    private bool _forgetful;
    private bool _recordWanted;
    private bool _recordUnderWay;

    /// <summary>Server this one has voted for and whose term is not in force yet; the highest one, zero for none.</summary>
    public Term VotedTerm
    {
        get
        {
            Term highest = Term.Zero;
            for (int i = 0; i < _votes.Length; i++)
                highest = _votes[i].Term > highest ? _votes[i].Term : highest;
            return highest;
        }
    }

    /// <summary>Its durable state was lost: no vow and no vote until it has met every peer in its term.</summary>
    public bool Forgetful => _forgetful && UnderVows;

    /// <summary>What is to be stored now, or null when nothing is, or a store is under way already.</summary>
    public VotingRecord? TakeRecord()
    {
        if (!_recordWanted || _recordUnderWay)
            return null;
        _recordWanted = false;
        _recordUnderWay = true;
        _pendingStored = _pendingVote;
        _promiseStoring = _promise && !_promiseLifting;
        var votes = new List<Vote>();
        for (int i = 0; i < _votes.Length; i++)
        {
            bool replaced = _pendingVote.Term != Term.Zero && _pendingVote.Term.ServerIndex == i;
            if (_votes[i].Term != Term.Zero && !replaced)
                votes.Add(_votes[i]);
        }

        if (_pendingVote.Term != Term.Zero)
            votes.Add(_pendingVote);
        return new VotingRecord(votes, _promiseStoring, _forgetful, _witnessStore, _witnessEpoch);
    }

    /// <summary>The record of the last <see cref="TakeRecord"/> is durable, or could not be stored: then it is wanted again.</summary>
    public void RecordStored(long now, bool durable)
    {
        if (!_recordUnderWay)
            return;
        _recordUnderWay = false;
        if (!durable)
        {
            _pendingVote = default;
            _recordWanted = true;
            return;
        }

        PromiseStored();
        if (_pendingStored.Term != Term.Zero && _pendingStored == _pendingVote)
            ShowVote(now);
        if (_recordWanted)
            TellRecord();
    }

    private void RestoreRecord(VotingRecord record)
    {
        foreach (Vote vote in record.Votes)
        {
            if (vote.Term > _term && vote.Term.ServerIndex is >= 0 and < GuardianSettings.MaxServers)
                _votes[vote.Term.ServerIndex] = vote;
        }

        _promise = _promiseDurable = record.HoldPromise;
        _forgetful = record.Forgetful;
        _witnessStore = record.WitnessStore;
        _witnessEpoch = record.WitnessEpoch;
        _highestNumber = Math.Max(_highestNumber, VotedTerm.Number);
    }

    /// <summary>The vote is durable. What it says must still be so: an excluded server may have been heard, and got a vow, meanwhile.</summary>
    private void ShowVote(long now)
    {
        Vote vote = _pendingVote;
        _pendingVote = default;
        int candidate = vote.Term.ServerIndex;
        if (WhyNotVote(candidate, now) is not null || _peers[candidate].CandidateTerm != vote.Term || _peers[candidate].Incarnation != vote.Candidate)
        {
            WantRecord();
            return;
        }

        _votes[candidate] = vote;
        _highestNumber = Math.Max(_highestNumber, vote.Term.Number);
        CountSilenced();
        _passWanted = true;
        Notes.Add(new EngineNote
        {
            Kind = EngineNoteKind.Voted,
            Server = (byte)candidate,
            Term = vote.Term,
            ExcludedServers = vote.Excluded,
            Reason = "every excluded server is silent here and no vow to it runs",
        });
    }

    /// <summary>Looks for a candidate to vote for; the vote is stored first.</summary>
    private void ConsiderVotes(long now)
    {
        if (!UnderVows || _pendingVote.Term != Term.Zero)
            return;
        for (int i = 0; i < _peers.Length; i++)
        {
            PeerTrack peer = _peers[i];
            if (peer.CandidateTerm == Term.Zero || !peer.Configured || WhyNotVote(i, now) is not null)
                continue;
            if (_votes[i].Term == peer.CandidateTerm && _votes[i].Candidate == peer.Incarnation)
                continue;
            _pendingVote = new Vote(peer.CandidateTerm, peer.CandidateExcluded, peer.Incarnation, peer.NewestSequence);
            WantRecord();
            return;
        }
    }

    private string? WhyNotVote(int candidate, long now)
    {
        PeerTrack peer = _peers[candidate];
        Term term = peer.CandidateTerm;
        if (_unclean || _voided || _leaving || _forgetful || HoldPromise)
            return "this server gives no votes now";
        if (_raising is not null || _adopting is not null || _isCandidate)
            return "this server is changing the term itself";
        if (peer.Term != _term || !peer.AnswersUs || now - peer.LastHeard >= _timeout)
            return "the candidate is not in this term, or silent";
        if (term <= _term || term.ServerIndex != candidate || (peer.CandidateExcluded & ((1u << _own) | (1u << candidate))) != 0)
            return "the candidacy does not carry this server and its candidate";
        if ((peer.CandidateExcluded & ~_peerMask) != 0)
            return "the candidacy excludes a server that is not configured here";
        for (int i = 0; i < _votes.Length; i++)
        {
            if (i != candidate && _votes[i].Term.Number >= term.Number)
                return "another candidate has the vote of this number or a higher one";
        }

        for (int i = 0; i < _peers.Length; i++)
        {
            uint bit = 1u << i;
            bool proven = (peer.CandidateProven & bit) != 0 || IsClean(_peers[i]);
            if ((peer.CandidateExcluded & bit) != 0 && !proven && WhyNotSilent(_peers[i], now) is { } heard)
                return heard;
        }

        return null;
    }

    /// <summary>
    /// A candidate's later message that shows neither the candidacy nor its term gives the vote back. So does a later life of it that is clean: what is not
    /// in its file was never committed.
    /// </summary>
    private void TakeBackVote(PeerTrack peer, in Beat beat)
    {
        ref Vote vote = ref _votes[beat.Sender];
        if (vote.Term == Term.Zero || beat.Term >= vote.Term || beat.CandidateTerm == vote.Term)
            return;
        bool sameLife = beat.Incarnation == vote.Candidate && beat.Sequence > vote.Sequence;
        bool laterLife = beat.Incarnation.StartCounter > vote.Candidate.StartCounter && (beat.Flags & (GuardianFlags.Unclean | GuardianFlags.Forgetful)) == 0;
        if (!sameLife && !laterLife)
            return;
        vote = default;
        CountSilenced();
        WantRecord();
    }

    /// <summary>A term is in force: votes up to it have done their work.</summary>
    private void ForgetVotesUpTo(Term term)
    {
        bool any = false;
        for (int i = 0; i < _votes.Length; i++)
        {
            if (_votes[i].Term == Term.Zero || _votes[i].Term > term)
                continue;
            _votes[i] = default;
            any = true;
        }

        _pendingVote = default;
        CountSilenced();
        if (any)
            WantRecord();
    }

    /// <summary>Servers that get no answer: excluded by a term that is being stored, by the own candidacy, or by a vote.</summary>
    private void CountSilenced()
    {
        uint mask = _isCandidate ? _candidacy.ExcludedServers : 0;
        for (int i = 0; i < _votes.Length; i++)
            mask |= _votes[i].Excluded;
        _silenced = mask;
    }

    /// <summary>Every peer that can have seen an earlier life's promises has been met: from now on this server can vouch for itself.</summary>
    private void JudgeMemory()
    {
        if (!_forgetful || _unclean || !AllPeersInTerm(needNot: _excluded))
            return;
        _forgetful = false;
        if (!PromisesCount)
            _promise = _promiseDurable = false;
        WantRecord();
    }

    /// <summary>Every configured peer outside <paramref name="needNot"/> is heard, shows this term, answers this life, and is no candidate.</summary>
    private bool AllPeersInTerm(uint needNot)
    {
        for (int i = 0; i < _peers.Length; i++)
        {
            PeerTrack peer = _peers[i];
            if (!peer.Configured || (needNot & (1u << i)) != 0)
                continue;
            if (!peer.Heard || _lastTick - peer.LastHeard >= _timeout / 2 || peer.Term != _term || !peer.AnswersUs || peer.CandidateTerm != Term.Zero)
                return false;
        }

        return true;
    }

    private void WantRecord()
    {
        if (_recordWanted)
            return;
        _recordWanted = true;
        if (!_recordUnderWay)
            TellRecord();
    }

    private void TellRecord() =>
        Notes.Add(new EngineNote { Kind = EngineNoteKind.Record, Term = _term, Reason = "votes or promises changed" });
}
