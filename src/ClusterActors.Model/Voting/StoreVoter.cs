using System.Globalization;
using ClusterActors.Model.Arbiters;

namespace ClusterActors.Model.Voting;

/// <summary>What an answer of the store means to this server.</summary>
public enum StoreOutcome
{
    /// <summary>The store did not answer, or the change is not made: another exchange is needed. Proves nothing.</summary>
    None = 0,

    /// <summary>A vow: nobody takes over from this server for the time asked, counted from before the request was sent.</summary>
    Vow,

    /// <summary>The count is made, and the others see it; it is no vow yet, since the store may have forgotten what it promised to others before it was met again.</summary>
    TooSoon,

    /// <summary>The vote for the term asked for is this server's; a vow as well.</summary>
    Vote,

    /// <summary>The store has voted for another server in a higher term that excludes this one.</summary>
    Refused,

    /// <summary>The unused vote is given back.</summary>
    GivenBack,

    /// <summary>The store is another one than before, or was set back: no vow and no vote until every server has met again.</summary>
    Unregistered,
}

/// <summary>A change to send, or why there is none.</summary>
/// <param name="WaitFor">How much longer the counters have to stay as they are; zero when that is not the obstacle.</param>
public sealed record VoteAttempt(StoreChange? Change, string Sentence, TimeSpan WaitFor);

/// <summary>
/// One server's side of a vote store (safety.md section 2), pure: it makes the changes to send and judges the answers.
/// <para>Intuition: each server counts up in the store for as long as it wants to go on. Whoever wants to take over must see that
/// counter stand still for the time its owner asked for, and then take the vote under the condition that it still stands.</para>
/// <para>Invariant: when a vote excludes a server, no vow to it is open and none will be given in an older term. The first half: the
/// wait begins when the answer that first showed the counter was received, later than the vow's start, and the vote's change compares
/// the counter's version. The second: every count compares the version of the vote entry that was looked at.</para>
/// <para>A store that comes back may have forgotten the newest of that, with an id and a revision that this server knows nothing against: a
/// vote over this server, or counts of another one. So after each meeting (the first answer of a life, or after a failure or a pause) whatever
/// it may have forgotten has to run out first: a counter stands still from the meeting on at the earliest, and a count is a vow only to who
/// still holds a grant, which shows that nobody has been voted for over it, or after the longest vow.</para>
/// All instants are this server's own monotonic clock. Not thread safe.
/// </summary>
public sealed class StoreVoter
{
    private readonly int _self;
    private readonly uint _everyone;
    private readonly Dictionary<int, Seen> _counters = [];
    private StoreStamp? _stamp;
    private bool _mustRegister;
    private ulong _counter;
    private StoreEntry _own;
    private StoreEntry _voteEntry;
    private VoteRecord? _vote;
    private string? _sent;
    private bool _mustMeet = true;
    private TimeSpan _metAt;
    private bool _grantedSince;
    private TimeSpan _answeredAt;
    private TimeSpan _ownVow;
    private TimeSpan _longestVow;

    /// <param name="self">Own index.</param>
    /// <param name="servers">How many servers are configured.</param>
    public StoreVoter(int self, int servers)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(servers, 32);
        _self = self;
        _everyone = servers == 32 ? uint.MaxValue : (1u << servers) - 1;
    }

    /// <summary>The store has answered in this life, so that counts and votes can be made.</summary>
    public bool IsKnown => _stamp is not null;

    /// <summary>The vote entry as last seen; null = none.</summary>
    public VoteRecord? Vote => _vote;

    /// <summary>Why the store neither vows nor votes at present; null = it does.</summary>
    public string? Unregistered { get; private set; }

    /// <summary>Own vote for a term that this server's guardian is not in.</summary>
    public bool HoldsUnusedVote(Term guardian) => _vote is { } vote && vote.Term.ServerIndex == _self && vote.Incarnation != default && vote.Term > guardian;

    /// <summary>
    /// The next count; null until the store was read, or when it must not be counted on. <paramref name="everyoneHere"/>: every
    /// configured server takes part in this term, which is when a new or older store may be taken into use.
    /// </summary>
    public StoreChange? Count(Term term, Incarnation incarnation, TimeSpan vow, bool everyoneHere)
    {
        if (!IsKnown || (_mustRegister && !Register(everyoneHere)) || _vote is { } vote && vote.Refuses(_self, term))
            return null;
        AskFor(vow);
        var own = new CounterRecord(term, incarnation, ++_counter, vow).Write();
        return Send(
            new() { [CounterRecord.KeyOf(_self)] = _own.Version, [VoteRecord.Key] = _voteEntry.Version },
            new() { [CounterRecord.KeyOf(_self)] = own });
    }

    /// <summary>
    /// Asks for the vote of <paramref name="term"/> over the excluded servers.
    /// </summary>
    /// <param name="proven">Those of the excluded that are proven to be over by other means: their counters need not stand still.</param>
    /// <param name="vow">Own V: the least time the counters of the others must have stood still.</param>
    public VoteAttempt AskVote(Term term, Incarnation incarnation, uint excluded, uint proven, TimeSpan vow, TimeSpan now)
    {
        AskFor(vow);
        if (!IsKnown)
            return new(null, "the store has not answered yet", TimeSpan.Zero);
        if (_mustRegister)
            return new(null, Unregistered!, TimeSpan.Zero);
        if (IsMeetingDue(now))
            return new(null, "the store was not heard for a while: it is looked at first", _longestVow);
        if (_vote is { } vote && vote.Term.Number >= term.Number && vote.Term != term)
            return new(null, $"the store has voted for term {vote.Term} already", TimeSpan.Zero);
        var compare = new Dictionary<string, long> { [VoteRecord.Key] = _voteEntry.Version, [CounterRecord.KeyOf(_self)] = _own.Version };
        for (var server = 0; server < 32; server++)
        {
            if ((excluded & ~proven & (1u << server)) == 0)
                continue;
            var seen = _counters.GetValueOrDefault(server);
            var wait = Longer(seen.Vow, vow) - (now - Longer(seen.Since, _metAt));
            if (wait > TimeSpan.Zero)
                return new(null, string.Create(CultureInfo.InvariantCulture, $"the counter of server {server} must stand still for another {wait.TotalSeconds:0.0} s"), wait);
            compare[CounterRecord.KeyOf(server)] = seen.Version;
        }

        var older = _vote is { } before && before.Term != term ? before : _vote?.GivenBack ?? default;
        var next = new VoteRecord(term, incarnation, excluded, older.Term, older.Excluded);
        var own = new CounterRecord(term, incarnation, ++_counter, vow);
        return new(Send(compare, new() { [VoteRecord.Key] = next.Write(), [CounterRecord.KeyOf(_self)] = own.Write() }), "asked", TimeSpan.Zero);
    }

    /// <summary>Gives an own vote back that is certain not to be used any more; null when there is none.</summary>
    public StoreChange? GiveBack(Term guardian, TimeSpan now) => HoldsUnusedVote(guardian) && !IsMeetingDue(now)
        ? Send(new() { [VoteRecord.Key] = _voteEntry.Version }, new() { [VoteRecord.Key] = _vote!.Value.GivenBack.Write() })
        : null;

    /// <summary>
    /// Judges an answer. <paramref name="term"/>: the guardian's; <paramref name="received"/>: when it arrived; <paramref name="granted"/>: the
    /// guardian holds a grant at present.
    /// </summary>
    public StoreOutcome On(StoreAnswer answer, Term term, TimeSpan received, bool granted)
    {
        ArgumentNullException.ThrowIfNull(answer);
        var sent = _sent;
        _sent = null;
        if (answer.Problem is not null)
        {
            _mustMeet = true;
            return StoreOutcome.None;
        }

        NoteMeeting(received, granted);
        Recognise(answer, term);
        Look(answer.Entries, received);
        if (_mustRegister)
            return StoreOutcome.Unregistered;
        // Also when the change was made: in a store that was set back another vote may have the version that was compared.
        if (_vote is { } vote && vote.Refuses(_self, term))
            return StoreOutcome.Refused;
        if (!answer.Applied)
            return StoreOutcome.None;
        return sent switch
        {
            Kinds.Count => _grantedSince || received - _metAt >= _longestVow ? StoreOutcome.Vow : StoreOutcome.TooSoon,
            Kinds.Vote => StoreOutcome.Vote,
            Kinds.GiveBack => StoreOutcome.GivenBack,
            _ => StoreOutcome.None,
        };
    }

    private StoreChange Send(Dictionary<string, long> compare, Dictionary<string, string> put)
    {
        _sent = !put.ContainsKey(VoteRecord.Key) ? Kinds.Count : put.Count == 2 ? Kinds.Vote : Kinds.GiveBack;
        return new(compare, put);
    }

    private bool Register(bool everyoneHere)
    {
        if (!everyoneHere)
            return false;
        _mustRegister = false;
        Unregistered = null;
        return true;
    }

    /// <summary>Without a failure too: who stood still has missed what happened in between.</summary>
    private void NoteMeeting(TimeSpan received, bool granted)
    {
        if (IsMeetingDue(received))
            (_mustMeet, _metAt, _grantedSince) = (false, received, false);
        _grantedSince |= granted;
        _answeredAt = received;
    }

    private void AskFor(TimeSpan vow) => (_ownVow, _longestVow) = (vow, Longer(_longestVow, vow));

    private bool IsMeetingDue(TimeSpan now) => _mustMeet || now - _answeredAt > _ownVow / 2;

    private void Recognise(StoreAnswer answer, Term term)
    {
        if (_stamp is { } known && known.Id != answer.Stamp.Id)
            MustRegister($"it is another store than before ({answer.Stamp.Id} instead of {known.Id})");
        else if (_stamp is { } before && answer.Stamp.Revision < before.Revision)
            MustRegister(string.Create(CultureInfo.InvariantCulture, $"it was set back from revision {before.Revision} to {answer.Stamp.Revision}"));
        else if (_stamp is null && HighestTerm(answer.Entries) < term)
            MustRegister($"it knows of no term above {HighestTerm(answer.Entries)}, this server is in {term}");
        _stamp = answer.Stamp;
    }

    private void MustRegister(string why)
    {
        _mustRegister = true;
        Unregistered = $"the store neither vows nor votes until every server takes part: {why}";
    }

    private static Term HighestTerm(IReadOnlyDictionary<string, StoreEntry> entries) => entries.Values
        .Select(e => CounterRecord.TryRead(e.Value, out var counter) ? counter.Term : VoteRecord.TryRead(e.Value, out var vote) ? vote.Term : Term.Zero)
        .DefaultIfEmpty(Term.Zero).Max();

    private void Look(IReadOnlyDictionary<string, StoreEntry> entries, TimeSpan received)
    {
        _voteEntry = entries.GetValueOrDefault(VoteRecord.Key);
        _vote = _voteEntry.Version > 0 && VoteRecord.TryRead(_voteEntry.Value, out var vote) ? vote : null;
        if (_voteEntry.Version > 0 && _vote is null)
            MustRegister($"its vote entry is not readable: \"{_voteEntry.Value}\"");
        _own = entries.GetValueOrDefault(CounterRecord.KeyOf(_self));
        if (CounterRecord.TryRead(_own.Value ?? "", out var own) && own.Counter > _counter)
            _counter = own.Counter;
        for (var server = 0; server < 32; server++)
        {
            if ((_everyone & (1u << server)) == 0 || server == _self)
                continue;
            var entry = entries.GetValueOrDefault(CounterRecord.KeyOf(server));
            // Seen for the first time, or changed: the wait begins now, when the answer is here.
            if (!_counters.TryGetValue(server, out var seen) || seen.Version != entry.Version)
                _counters[server] = new(entry.Version, received, CounterRecord.TryRead(entry.Value ?? "", out var counter) ? counter.Vow : TimeSpan.Zero);
            _longestVow = Longer(_longestVow, _counters[server].Vow);
        }
    }

    private static TimeSpan Longer(TimeSpan one, TimeSpan other) => one > other ? one : other;

    private readonly record struct Seen(long Version, TimeSpan Since, TimeSpan Vow);

    private static class Kinds
    {
        public const string Count = "count";
        public const string Vote = "vote";
        public const string GiveBack = "give-back";
    }
}
