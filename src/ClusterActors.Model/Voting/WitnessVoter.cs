namespace ClusterActors.Model.Voting;

/// <summary>What the caller does after <see cref="WitnessVoter.On"/>.</summary>
public enum WitnessStep
{
    /// <summary>Nothing: the request was late, there is no answer.</summary>
    Ignore = 0,

    /// <summary>Send the answer.</summary>
    Answer = 1,

    /// <summary>Store <see cref="WitnessVoter.Record"/>, then send the answer. When storing fails: send nothing, and end this life of the witness.</summary>
    StoreThenAnswer = 2,
}

/// <summary>
/// The witness's part in one cluster: vows to servers, and at most one vote. Pure: time is handed in (nanoseconds of one clock that never goes
/// back), the record is stored by the caller. One thread; nothing is allocated unless the record changes.
/// <para>
/// <b>What must hold.</b> A server x runs groups in term s only while a majority of voters (it counts itself) has vowed to it in s, for L counted from
/// before the vow's V. A server y raises t &gt; s, excluding x, only with the votes of a majority. Two majorities share a voter; so two servers never run
/// one group if each voter keeps to this: <i>it votes for t only when no vow of its own to an excluded server runs, and from then on vows to
/// none of them in a term below t, unless t can never come into force</i>. The rest is where an honest voter could still break it:
/// </para>
/// <list type="number">
/// <item><b>Its own death.</b> Open vows are in memory only, so after a start nothing is voted for before start + the longest vow ever given, whose length is
/// stored before the first such vow is given. The vote is stored before it is answered.</item>
/// <item><b>Giving a vote back.</b> Only the same life of the candidate can say that t will not come: by a request without candidacy, in a term below t, with a higher
/// sequence than any that was answered with the vote. That sequence is stored with every answered repeat, so a request that was overtaken by a
/// repeat cannot give back what the repeat was promised, not even after a restart. A candidate that crashed cannot give back (it may have
/// stored t and shown it to others): its vote stays until a term or a vote with a higher number comes.</item>
/// <item><b>Late duplicates.</b> What is not newer than the newest request of a server is ignored; the newest itself, repeated by the network, gets the same
/// answer again, which is as true as it was: the vow counts from its send. After a restart the newest sequences are
/// forgotten; a late request can then open a vow or renew a candidacy, which only makes the witness more cautious. A late candidacy from before a
/// return is recognised by the stored return, so it cannot take the vote a second time.</item>
/// <item><b>A term that passes by.</b> Of two terms raised from one base, the lower may be in force unknown to the maker of the higher. So on going to a term
/// whose base is not the term it knew, the witness first lets every vow to other servers run out (<see cref="WitnessVerdict.TermChange"/>): no vow in the new
/// term runs together with one in a term that the new one does not continue. A second candidate with a higher number may get the vote while
/// an earlier one is out; the earlier goes on barring those it excludes (<see cref="WitnessRecord.Earlier"/>), because its term may still come.</item>
/// <item><b>A store set back.</b> The vote it forgot may have brought t into force. It votes and vows for nobody before start + longest vow (only a file in /run of
/// this boot with the same epoch proves that nothing was set back). A server that knows a larger epoch or a higher term than was stored makes the
/// witness unregistered. If nobody knows better, x may be vowed to again in the old term while t is already in force: then
/// t's first request ends the vows to x, and vows in t wait until those to the servers t excludes have run out, as long as the raiser of t has not
/// yet said, knowing this life, that it is no candidate.</item>
/// <item><b>An empty store.</b> It has a new id, and is unregistered: no vow and no vote before every server has registered, which each does only when it sees all
/// others in its term and is no candidate, so no earlier vote is still to be used; or before an administrator says so. Afterwards a server that
/// still knows another store (it was down meanwhile) is refused alone: it would not count this store's word, and what it knows was settled by the registration,
/// so it must not cost the others theirs.</item>
/// </list>
/// </summary>
public sealed class WitnessVoter
{
    /// <summary>Longest vow that is given, whatever is wanted.</summary>
    public static readonly TimeSpan LongestVow = TimeSpan.FromHours(1);

    private const int MaxServers = 32;
    private const long Millisecond = 1_000_000;

    // A server that is down while an administrator registers may know a larger epoch than all others; no store gets this far by changes.
    private const ulong EpochsPastUnknown = 1UL << 32;

    private readonly ServerTrack[] _servers = new ServerTrack[MaxServers];
    private readonly uint _all;
    private readonly int _serverCount;
    private readonly bool _continuous;
    private readonly long _startedAt;
    private ulong _settledEpoch;
    private readonly ulong _lifeEpoch;

    private uint _startVow;
    private bool _hasVowed;
    private long _vowsFrom;
    private uint _maybeForgotten;
    private uint _registering;
    private ulong _highestKnownEpoch;

    /// <param name="stored">The record as found, or an empty one with a new store id. <see cref="Record"/> is to be stored before the first request.</param>
    /// <param name="serverCount">Number of configured servers, 1..32.</param>
    /// <param name="continuous">It is proven that the store holds the newest record (same boot, same epoch).</param>
    /// <param name="now">Start of this life.</param>
    public WitnessVoter(WitnessRecord stored, int serverCount, bool continuous, long now)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(serverCount, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(serverCount, MaxServers);
        _serverCount = serverCount;
        _all = (uint)((1UL << serverCount) - 1);
        _continuous = continuous;
        _startedAt = now;
        _settledEpoch = stored.Epoch;
        _startVow = stored.LargestVowMilliseconds;
        _maybeForgotten = continuous ? 0 : _all;
        Record = stored with { Epoch = stored.Epoch + 1 };
        _lifeEpoch = Record.Epoch;
    }

    /// <summary>What must be on disk before the answer that <see cref="On"/> made is sent.</summary>
    public WitnessRecord Record { get; private set; }

    /// <summary>Every configured server is in the register.</summary>
    public bool IsRegistered => (Record.Registered & _all) == _all;

    /// <summary>Why it is not, as a clause; empty when it never was, or is.</summary>
    public string UnregisteredBecause { get; private set; } = "";

    /// <summary>Servers that have registered in this life since it was found necessary.</summary>
    public uint Registering => _registering;

    /// <summary>Number of configured servers.</summary>
    public int ServerCount => _serverCount;

    /// <summary>Until here nothing is voted for.</summary>
    public long StartWaitEnd => _startedAt + (_startVow * Millisecond);

    /// <summary>Requests that were ignored because a newer one had come before.</summary>
    public long LateRequests { get; private set; }

    /// <summary>What is known of a server, for showing.</summary>
    public WitnessServerView View(int server)
    {
        ref ServerTrack track = ref _servers[server];
        return new WitnessServerView(track.Met, track.Incarnation, track.Term, track.HeardAt, track.VowUntil, track.Answer.Verdict);
    }

    /// <summary>Takes one authenticated request.</summary>
    public WitnessStep On(in WitnessRequest request, long now, out WitnessAnswer answer)
    {
        ref ServerTrack server = ref _servers[request.Sender];
        answer = default;
        if (IsLate(in request, in server))
        {
            LateRequests++;
            return WitnessStep.Ignore;
        }

        if (server.Met && request.Incarnation == server.Incarnation && request.Sequence == server.Sequence)
        {
            answer = server.Answer;
            return WitnessStep.Answer;
        }

        WitnessRecord before = Record;
        (WitnessVerdict Verdict, long Until) = WhyNotTake(in request) is { } refusal ? (refusal, 0) : Take(in request, ref server, now, out answer.VowMilliseconds);
        bool changed = !ReferenceEquals(before, Record);
        if (changed)
            Record = Record with { Epoch = Record.Epoch + 1 };
        server.Note(in request, now);
        answer.Receiver = request.Sender;
        answer.Verdict = Verdict;
        answer.Incarnation = request.Incarnation;
        answer.Sequence = request.Sequence;
        answer.Term = Record.Term;
        answer.VoteTerm = Record.Vote.IsOut ? Record.Vote.Term : Record.Earlier.Term;
        answer.RetryAfterMilliseconds = MillisecondsUp(Until - now);
        answer.StoreId = Record.StoreId;
        answer.Epoch = Record.Epoch;
        answer.Registered = IsRegistered ? Record.Registered : _registering;
        server.Answer = answer;
        return changed ? WitnessStep.StoreThenAnswer : WitnessStep.Answer;
    }

    /// <summary>
    /// The administrator says that no server holds anything this store does not know: vows and votes are given again after the start-up wait. To be stored at once.
    /// </summary>
    public void RegisterByHand() => CompleteRegister(EpochsPastUnknown);

    /// <summary>An older life, or not newer than what was taken, in this life or, for votes, in an earlier one.</summary>
    private bool IsLate(in WitnessRequest request, in ServerTrack server)
    {
        if (server.Met && IsOlder(in request, server.Incarnation, server.Sequence))
            return true;
        if (IsOlder(in request, Record.Vote) || IsOlder(in request, Record.Earlier))
            return true;
        return Record.ReturnedSequence > 0 && Record.ReturnedBy == request.Sender && IsOlder(in request, Record.ReturnedIncarnation, Record.ReturnedSequence);
    }

    private static bool IsOlder(in WitnessRequest request, Incarnation life, ulong sequence) =>
        request.Incarnation == life ? request.Sequence < sequence : request.Incarnation.StartCounter <= life.StartCounter;

    private static bool IsOlder(in WitnessRequest request, WitnessVote vote) =>
        vote.IsOut && vote.Term.ServerIndex == request.Sender && IsOlder(in request, vote.Incarnation, vote.Sequence);

    private WitnessVerdict? WhyNotTake(in WitnessRequest request)
    {
        if (request.ServerCount != _serverCount)
            return WitnessVerdict.ServerCount;
        uint own = 1u << request.Sender;
        bool contradicts = (request.ExcludedServers & ~_all) != 0
            || (request.IsCandidate && (request.CandidateTerm.ServerIndex != request.Sender
                || (request.CandidateExcluded & own) != 0
                || (request.CandidateExcluded & ~_all) != 0
                || (request.CandidateProven & ~request.CandidateExcluded) != 0));
        return contradicts ? WitnessVerdict.BadRequest : null;
    }

    private (WitnessVerdict Verdict, long Until) Take(in WitnessRequest request, ref ServerTrack server, long now, out uint vow)
    {
        TakeKnowledge(in request, in server);
        TakeVowLength(in request);
        TakeTerm(in request, in server);
        server.Compared = true;
        TakeReturn(in request);
        TakeRegistration(in request);
        (WitnessVerdict Verdict, long Until) onVow = Vow(in request, ref server, now, out vow);
        return request.IsCandidate ? Vote(in request, now) : onVow;
    }

    // ---- register ----------------------------------------------------------------------------------------------------

    /// <summary>Compares what the server remembers with the store. At the first contact in this life nothing of this life can be known to it.</summary>
    private void TakeKnowledge(in WitnessRequest request, in ServerTrack server)
    {
        bool isOwn = request.KnownStoreId == Record.StoreId;
        if (isOwn)
            _highestKnownEpoch = Math.Max(_highestKnownEpoch, request.KnownEpoch);
        if ((request.Flags & WitnessRequestFlags.Register) != 0)
            return;
        if (isOwn && request.KnownEpoch > (server.Compared ? Record.Epoch : _settledEpoch))
            Unregister($"server {request.Sender} knows epoch {request.KnownEpoch} of this store, which is older: it was set back");
        else if (!server.Compared && !_continuous && IsRegistered && request.Term > Record.Term)
            Unregister($"server {request.Sender} is in term {request.Term}, above the stored {Record.Term}: the store was set back, or the term was raised while the witness was away");
    }

    private void Unregister(string because)
    {
        if (Record.Registered == 0)
            return;
        UnregisteredBecause = because;
        _registering = 0;
        Record = Record with { Registered = 0 };
    }

    private void TakeRegistration(in WitnessRequest request)
    {
        if ((request.Flags & WitnessRequestFlags.Register) == 0 || request.IsCandidate || request.Term != Record.Term || IsRegistered)
            return;
        _registering |= 1u << request.Sender;
        if (_registering == _all)
            CompleteRegister(1);
    }

    /// <summary>The epoch goes above all that any server has seen, so that nobody finds the store set back again.</summary>
    private void CompleteRegister(ulong further)
    {
        UnregisteredBecause = "";
        _registering = _all;
        Record = Record with { Registered = _all, Epoch = Math.Max(Record.Epoch, _highestKnownEpoch) + further };
        _settledEpoch = Record.Epoch;
    }

    // ---- term --------------------------------------------------------------------------------------------------------

    private void TakeTerm(in WitnessRequest request, in ServerTrack server)
    {
        uint raiser = 1u << request.Term.ServerIndex;
        if (request.Term > Record.Term)
        {
            uint rivals = request.BaseTerm != Record.Term
                ? ~(1u << request.Sender)
                : (_maybeForgotten & raiser) != 0 ? request.ExcludedServers : 0;
            if (rivals != 0)
                _vowsFrom = Math.Max(_vowsFrom, Math.Max(StartWaitEnd, LastVowEnd(rivals)));
            _registering = IsRegistered ? _registering : 0;
            Record = Record with
            {
                Term = request.Term,
                BaseTerm = request.BaseTerm,
                Excluded = request.ExcludedServers,
                Vote = Record.Vote.Term <= request.Term ? default : Record.Vote,
                Earlier = Record.Earlier.Term <= request.Term ? default : Record.Earlier,
            };
        }

        bool knowsThisLife = server.Compared && IsRegistered && request.KnownStoreId == Record.StoreId && request.KnownEpoch >= _lifeEpoch;
        if (!request.IsCandidate && knowsThisLife)
            _maybeForgotten &= ~(1u << request.Sender);
    }

    private void TakeReturn(in WitnessRequest request)
    {
        bool current = Returns(in request, Record.Vote);
        bool earlier = Returns(in request, Record.Earlier);
        if (!current && !earlier)
            return;
        Record = Record with
        {
            Vote = current ? default : Record.Vote,
            Earlier = earlier ? default : Record.Earlier,
            ReturnedBy = request.Sender,
            ReturnedIncarnation = request.Incarnation,
            ReturnedSequence = request.Sequence,
        };
    }

    private static bool Returns(in WitnessRequest request, WitnessVote vote) =>
        vote.IsOut && !request.IsCandidate && request.Sender == vote.Term.ServerIndex && request.Incarnation == vote.Incarnation
        && request.Sequence > vote.Sequence && request.Term < vote.Term;

    // ---- vow ---------------------------------------------------------------------------------------------------------

    /// <summary>Until the first vow of this life the start-up wait follows what servers want: a new store does not know what an older one gave.</summary>
    private void TakeVowLength(in WitnessRequest request)
    {
        uint length = Clamp(request.VowWantedMilliseconds);
        if (!_hasVowed)
            _startVow = Math.Max(_startVow, length);
        if (length > Record.LargestVowMilliseconds)
            Record = Record with { LargestVowMilliseconds = length };
    }

    private (WitnessVerdict Verdict, long Until) Vow(in WitnessRequest request, ref ServerTrack server, long now, out uint vow)
    {
        vow = 0;
        if (WhyNot(in request) is { } refusal)
            return (refusal, 0);
        if (Record.Vote.Bars(request.Sender, request.Term) || Record.Earlier.Bars(request.Sender, request.Term))
            return (WitnessVerdict.Excluded, 0);
        if (!_continuous && now < StartWaitEnd)
            return (WitnessVerdict.StartWait, StartWaitEnd);
        if (now < _vowsFrom)
            return (WitnessVerdict.TermChange, _vowsFrom);
        if (request.VowWantedMilliseconds == 0)
            return (WitnessVerdict.None, 0);
        vow = Clamp(request.VowWantedMilliseconds);
        server.VowUntil = Math.Max(server.VowUntil, now + (vow * Millisecond));
        _hasVowed = true;
        return (WitnessVerdict.Vow, 0);
    }

    // ---- vote --------------------------------------------------------------------------------------------------------

    private (WitnessVerdict Verdict, long Until) Vote(in WitnessRequest request, long now)
    {
        if (WhyNot(in request) is { } refusal)
            return (refusal, 0);
        if (request.CandidateTerm <= Record.Term)
            return (WitnessVerdict.NotHigher, 0);
        WitnessVote held = Record.Vote;
        bool isRepeat = held.Term == request.CandidateTerm && held.Incarnation == request.Incarnation && held.Excluded == request.CandidateExcluded;
        if (!isRepeat && WhyNotVote(in request, held, now) is { } obstacle)
            return obstacle;
        var vote = new WitnessVote(request.CandidateTerm, request.CandidateExcluded, request.Incarnation, request.Sequence);
        Record = Record with { Vote = vote, Earlier = isRepeat ? Record.Earlier : Outlast(Record.Earlier, held) };
        return (WitnessVerdict.Vote, 0);
    }

    private (WitnessVerdict Verdict, long Until)? WhyNotVote(in WitnessRequest request, WitnessVote held, long now)
    {
        if (held.IsOut && held.Term != request.CandidateTerm && held.Term.Number >= request.CandidateTerm.Number)
            return (WitnessVerdict.OtherVote, 0);
        if (Record.Earlier.Term.Number > request.CandidateTerm.Number)
            return (WitnessVerdict.OtherVote, 0);
        if (now < StartWaitEnd)
            return (WitnessVerdict.StartWait, StartWaitEnd);
        long free = LastVowEnd(request.CandidateExcluded & ~request.CandidateProven);
        return now < free ? (WitnessVerdict.OpenVow, free) : null;
    }

    /// <summary>
    /// A vote that makes room for a higher one keeps barring those it excludes. When there is one such already, both are kept as one that
    /// cannot be returned, since no single server could return both: it ends with a term as high.
    /// </summary>
    private static WitnessVote Outlast(WitnessVote earlier, WitnessVote held)
    {
        if (!held.IsOut || !earlier.IsOut)
            return held.IsOut ? held : earlier;
        Term higher = held.Term > earlier.Term ? held.Term : earlier.Term;
        return new WitnessVote(higher, held.Excluded | earlier.Excluded, default, 0);
    }

    /// <summary>Reasons that stand against a vow and against a vote.</summary>
    private WitnessVerdict? WhyNot(in WitnessRequest request)
    {
        if ((request.Flags & WitnessRequestFlags.Unclean) != 0)
            return WitnessVerdict.Unclean;
        // One that has not taken this store would not count its word: no vow is opened for nothing.
        if (!IsRegistered || request.KnownStoreId != Record.StoreId)
            return WitnessVerdict.Unregistered;
        return request.Term < Record.Term ? WitnessVerdict.OlderTerm : null;
    }

    private long LastVowEnd(uint servers)
    {
        long last = 0;
        for (int i = 0; i < _serverCount; i++)
        {
            if ((servers & (1u << i)) != 0)
                last = Math.Max(last, _servers[i].VowUntil);
        }

        return last;
    }

    private static uint Clamp(uint milliseconds) => Math.Min(milliseconds, (uint)LongestVow.TotalMilliseconds);

    private static uint MillisecondsUp(long nanoseconds) => nanoseconds <= 0 ? 0 : (uint)Math.Min((nanoseconds + Millisecond - 1) / Millisecond, uint.MaxValue);

    /// <summary>What is remembered of a server in this life.</summary>
    private struct ServerTrack
    {
        public bool Met;
        public bool Compared;
        public Incarnation Incarnation;
        public ulong Sequence;
        public Term Term;
        public long HeardAt;
        public long VowUntil;
        public WitnessAnswer Answer;

        public void Note(in WitnessRequest request, long now)
        {
            Met = true;
            Incarnation = request.Incarnation;
            Sequence = request.Sequence;
            Term = request.Term;
            HeardAt = now;
        }
    }
}

/// <summary>A server as the witness sees it.</summary>
/// <param name="Met">It was heard in this life of the witness; the rest means something only then.</param>
/// <param name="HeardAt">Receipt of its newest request.</param>
/// <param name="VowUntil">End of the vow to it.</param>
/// <param name="Verdict">The last answer.</param>
public readonly record struct WitnessServerView(bool Met, Incarnation Incarnation, Term Term, long HeardAt, long VowUntil, WitnessVerdict Verdict);
