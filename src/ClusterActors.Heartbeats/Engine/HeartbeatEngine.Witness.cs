using ClusterActors.Model;
using ClusterActors.Model.Guardian;
using ClusterActors.Model.Voting;

namespace ClusterActors.Heartbeats.Engine;

/// <summary>
/// The witness as a voter: one request each pass, the same datagram to each of its addresses; answers are idempotent. A vow counts from the
/// send time of the request that is echoed, in the term that request showed.
/// <para>
/// The witness is known by its store id. One with another id, or with an older epoch of the same, is another witness: it gives nothing until
/// this server sees every peer in its term, so that no two servers ask different ones.
/// </para>
/// </summary>
public sealed partial class HeartbeatEngine
{
    private WitnessCodec _witnessCodec;
    private Guid _witnessStore;
    private ulong _witnessEpoch;
    private uint _registered;
    private WitnessVerdict _witnessVerdict;
    private WitnessVerdict _toldVerdict;
    private ulong _termFrom = 1;
    private long _askAgainAt;
    private ulong _witnessAnswered;
    private int _servers;

    /// <summary>The witness's newest verdict; none before its first answer.</summary>
    public WitnessVerdict WitnessVerdict => _toldVerdict;

    /// <summary>Servers in the witness's register, by its newest answer.</summary>
    public uint Registered => _registered;

    /// <summary>Writes this pass's request into <paramref name="to"/>; returns its size, 0 when no witness is asked.</summary>
    public int WriteWitnessRequest(Span<byte> to)
    {
        if (!UnderVows || _arbiter != VotingArbiter.Witness)
            return 0;
        bool unclean = _unclean || _voided;
        var request = new WitnessRequest
        {
            Sender = (byte)_own,
            ServerCount = (byte)_servers,
            Flags = unclean ? WitnessRequestFlags.Unclean : MayRegister ? WitnessRequestFlags.Register : WitnessRequestFlags.None,
            // Who runs nothing wants no vow: an open one would keep the other from its vote.
            VowWantedMilliseconds = MayRun ? (uint)(_timeout / Millisecond) : 0,
            Incarnation = _incarnation,
            Sequence = _sequence,
            Term = _term,
            BaseTerm = _baseTerm,
            ExcludedServers = _excluded,
            KnownStoreId = _witnessStore,
            KnownEpoch = _witnessEpoch,
        };
        if (_isCandidate)
        {
            request.CandidateTerm = _candidacy.Term;
            request.CandidateExcluded = _candidacy.ExcludedServers;
            request.CandidateProven = _candidateProven;
        }

        _witnessCodec.Write(in request, to);
        return WitnessCodec.RequestSize;
    }

    /// <summary>Takes an answer of the witness.</summary>
    public WitnessRefusal OnWitnessDatagram(long now, ReadOnlySpan<byte> datagram)
    {
        WitnessRefusal refusal = _witnessCodec.Read(datagram, (byte)_own, out WitnessAnswer answer);
        if (refusal != WitnessRefusal.None)
        {
            Counters.RefusedForgery++;
            return refusal;
        }

        long sent = SendTimeOf(answer.Sequence);
        if (answer.Incarnation != _incarnation || sent == 0 || _arbiter != VotingArbiter.Witness)
        {
            Counters.RefusedReplay++;
            return WitnessRefusal.NotForUs;
        }

        if (IsTaken(in answer))
            TakeAnswer(in answer, now, sent);
        return WitnessRefusal.None;
    }

    private bool MayRegister => !_isCandidate && AllPeersInTerm(needNot: 0);

    /// <summary>True when the answer comes from the witness this server has taken.</summary>
    private bool IsTaken(in WitnessAnswer answer)
    {
        // What the network delivers late is from before: its epoch says nothing about a store that was set back.
        if (answer.Sequence < _witnessAnswered)
            return false;
        _witnessAnswered = answer.Sequence;
        if (answer.StoreId == _witnessStore && answer.Epoch >= _witnessEpoch)
        {
            if (answer.Epoch > _witnessEpoch)
            {
                _witnessEpoch = answer.Epoch;
                WantRecord();
            }

            _registered = answer.Registered;
            return true;
        }

        if (!_unclean && !_voided && MayRegister)
        {
            _witnessStore = answer.StoreId;
            _witnessEpoch = answer.Epoch;
            _arbiterVow = default;
            WantRecord();
            TellVoting("the witness's store is taken: every server is seen in this term");
        }

        // Counts for nothing; a candidacy that fails says by this why.
        _witnessVerdict = WitnessVerdict.Unregistered;
        return false;
    }

    private void TakeAnswer(in WitnessAnswer answer, long now, long sent)
    {
        ulong number = answer.VoteTerm == CandidateTerm ? answer.Term.Number : Math.Max(answer.Term.Number, answer.VoteTerm.Number);
        _highestNumber = Math.Max(_highestNumber, number);
        if (answer.VowMilliseconds > 0 && answer.Sequence >= _termFrom)
            TakeVow(ref _arbiterVow, sent, answer.VowMilliseconds * Millisecond);
        if (answer.Verdict is WitnessVerdict.None or WitnessVerdict.Vow or WitnessVerdict.Vote or WitnessVerdict.OpenVow or WitnessVerdict.OtherVote)
            ArbiterAnswered(now);
        if (answer.Verdict != _toldVerdict)
        {
            _toldVerdict = answer.Verdict;
            TellVoting("the witness's verdict changed");
        }

        if (_isCandidate && answer.Sequence >= _candidateFrom)
            TakeWitnessVote(in answer, sent);
        if (answer.RetryAfterMilliseconds > 0 && (_isCandidate || Grant != GrantState.Held))
            _askAgainAt = now + (answer.RetryAfterMilliseconds * Millisecond) + Millisecond;
    }

    private void TakeWitnessVote(in WitnessAnswer answer, long sent)
    {
        _witnessVerdict = answer.Verdict;
        if (answer.Verdict == WitnessVerdict.Vote && answer.VoteTerm == _candidacy.Term)
            _arbiterVoteUntil = sent + _baseGrant;
        else if (answer.Verdict is WitnessVerdict.OtherVote or WitnessVerdict.NotHigher && !_candidacyWon)
            GiveUpCandidacy(WhyNoMajority());
    }

    private void JudgeWitness(long now)
    {
        if (_askAgainAt == 0 || now < _askAgainAt)
            return;
        _askAgainAt = 0;
        _passWanted = true;
    }
}
