using ClusterActors.Heartbeats.Engine;
using ClusterActors.Model;
using ClusterActors.Model.Voting;

namespace ClusterActors.Heartbeats.Tests;

/// <summary>
/// A witness by the rules of the protocol, as small as they allow, with a store that can be lost or set back: what the engine is judged against.
/// </summary>
internal sealed class LabWitness(int servers) : IDisposable
{
    private readonly WitnessCodec _codec = new(new Guid("00112233-4455-6677-8899-aabbccddeeff"), [.. Enumerable.Range(1, 32).Select(i => (byte)i)]);
    private readonly long[] _vowUntil = new long[servers];
    private readonly ulong[] _sequence = new ulong[servers];
    private readonly Incarnation[] _life = new Incarnation[servers];
    private long _startWaitEnd;
    private uint _registered;
    private bool _lost;

    public Kept Store { get; private set; } = new(Guid.NewGuid(), 1, default, default, 0, default, 0, 0, false);

    public bool Running { get; private set; } = true;

    public List<WitnessVerdict> Verdicts { get; } = [];

    public uint LongestVow { get; set; } = 2000;

    /// <summary>What is durable. A copy may be put back: a store that was rolled back.</summary>
    internal sealed record Kept(
        Guid Id, ulong Epoch, Term Term, Term Vote, uint VoteExcluded, Incarnation VoteLife, ulong VoteSequence, uint Excluded, bool Complete);

    public void Stop() => Running = false;

    /// <summary>A new life; <paramref name="store"/> in place of what it had, or an empty new one.</summary>
    public void Start(long now, Kept? store, bool empty = false)
    {
        Store = empty ? new Kept(Guid.NewGuid(), 1, default, default, 0, default, 0, 0, false) : store ?? Store;
        Store = Store with { Epoch = Store.Epoch + 1 };
        Array.Clear(_vowUntil);
        Array.Clear(_sequence);
        Array.Clear(_life);
        _startWaitEnd = now + (LongestVow * EngineLab.Ms);
        _registered = 0;
        _lost = false;
        Running = true;
    }

    /// <summary>Takes a request; returns the server and the datagram that answers it, or null.</summary>
    public (int To, byte[] Bytes)? On(byte[] datagram, long now)
    {
        if (!Running || _codec.Read(datagram, out WitnessRequest request) != WitnessRefusal.None)
            return null;
        if (_life[request.Sender] == request.Incarnation ? request.Sequence < _sequence[request.Sender] : request.Incarnation.StartCounter < _life[request.Sender].StartCounter)
            return null;
        _life[request.Sender] = request.Incarnation;
        _sequence[request.Sender] = request.Sequence;
        var answer = new WitnessAnswer { Receiver = request.Sender, Incarnation = request.Incarnation, Sequence = request.Sequence };
        answer.Verdict = Judge(in request, now, ref answer);
        Verdicts.Add(answer.Verdict);
        (answer.Term, answer.VoteTerm, answer.StoreId, answer.Epoch) = (Store.Term, Store.Vote, Store.Id, Store.Epoch);
        answer.Registered = Store.Complete && !_lost ? (1u << servers) - 1 : _registered;
        var bytes = new byte[WitnessCodec.AnswerSize];
        _codec.Write(in answer, bytes);
        return (request.Sender, bytes);
    }

    public void Dispose() => _codec.Dispose();

    private WitnessVerdict Judge(in WitnessRequest request, long now, ref WitnessAnswer answer)
    {
        bool other = request.KnownStoreId != Store.Id && request.KnownStoreId != Guid.Empty;
        _lost |= Store.Complete && (other || (request.KnownStoreId == Store.Id && request.KnownEpoch > Store.Epoch) || (request.Term > Store.Term && now < _startWaitEnd));
        if (_lost || !Store.Complete)
        {
            if ((request.Flags & WitnessRequestFlags.Register) != 0)
                _registered |= 1u << request.Sender;
            if (_registered != (1u << servers) - 1)
                return WitnessVerdict.Unregistered;
            _lost = false;
            Keep(Store with { Complete = true, Epoch = Math.Max(Store.Epoch, request.KnownEpoch) });
        }

        if (request.Term < Store.Term)
            return WitnessVerdict.OlderTerm;
        if (request.Term > Store.Term)
            Keep(Store with { Term = request.Term, Excluded = request.ExcludedServers, Vote = request.Term >= Store.Vote ? default : Store.Vote });
        bool gaveUp = Store.Vote != Term.Zero && Store.Vote.ServerIndex == request.Sender && request.Incarnation == Store.VoteLife
            && request.Sequence > Store.VoteSequence && request.Term < Store.Vote && request.CandidateTerm != Store.Vote;
        if (gaveUp)
            Keep(Store with { Vote = default, VoteExcluded = 0 });
        uint bit = 1u << request.Sender;
        if (Store.Vote != Term.Zero && (Store.VoteExcluded & bit) != 0)
            return WitnessVerdict.Excluded;
        if (now < _startWaitEnd)
        {
            answer.RetryAfterMilliseconds = (uint)((_startWaitEnd - now) / EngineLab.Ms) + 1;
            return WitnessVerdict.StartWait;
        }

        if (request.VowWantedMilliseconds > 0)
        {
            answer.VowMilliseconds = Math.Min(request.VowWantedMilliseconds, LongestVow);
            _vowUntil[request.Sender] = Math.Max(_vowUntil[request.Sender], now + (answer.VowMilliseconds * EngineLab.Ms));
        }

        return request.IsCandidate ? JudgeVote(in request, now, ref answer)
            : answer.VowMilliseconds > 0 ? WitnessVerdict.Vow : WitnessVerdict.None;
    }

    private WitnessVerdict JudgeVote(in WitnessRequest request, long now, ref WitnessAnswer answer)
    {
        if (Store.Vote == request.CandidateTerm && Store.VoteLife == request.Incarnation)
            return WitnessVerdict.Vote;
        if (request.CandidateTerm <= Store.Term)
            return WitnessVerdict.NotHigher;
        if (Store.Vote.Number >= request.CandidateTerm.Number)
            return WitnessVerdict.OtherVote;
        for (int i = 0; i < servers; i++)
        {
            uint bit = 1u << i;
            if ((request.CandidateExcluded & ~request.CandidateProven & bit) == 0 || now >= _vowUntil[i])
                continue;
            answer.RetryAfterMilliseconds = (uint)((_vowUntil[i] - now) / EngineLab.Ms) + 1;
            return WitnessVerdict.OpenVow;
        }

        Keep(Store with
        {
            Vote = request.CandidateTerm, VoteExcluded = request.CandidateExcluded, VoteLife = request.Incarnation, VoteSequence = request.Sequence,
        });
        return WitnessVerdict.Vote;
    }

    private void Keep(Kept store) => Store = store with { Epoch = Math.Max(store.Epoch, Store.Epoch) + 1 };
}
