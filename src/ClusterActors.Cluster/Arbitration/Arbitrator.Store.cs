using System.Globalization;
using ClusterActors.Actors;
using ClusterActors.Cluster.Membership;
using ClusterActors.Model;
using ClusterActors.Model.Arbiters;
using ClusterActors.Model.Events;
using ClusterActors.Model.Guardian;
using ClusterActors.Model.Voting;

namespace ClusterActors.Cluster.Arbitration;

/// <summary>
/// The vote store: counts all the time, so that the guardian has a vow, and asks for the vote when the verdict wants it. One exchange at
/// a time; one that is late, and a count that was not made, are followed by the next at once, so that one lost request costs a server
/// nothing whose standby has just died (<see cref="StoreTimes"/>). Nothing is counted while the guardian is away: a count keeps the others from taking over, which only a living guardian may.
/// </summary>
public sealed partial class Arbitrator
{
    /// <summary>A request without an answer, and the look at what came of it; more would be a loop while the store refuses at once.</summary>
    private const int AskedAtOnce = 2;

    /// <summary>Longer than a candidacy of the guardian can last (a quarter of a second, or four intervals between beats).</summary>
    private static readonly TimeSpan RaiseIsOverAfter = TimeSpan.FromSeconds(2);

    private readonly IVoteStore? _store;
    private readonly StoreVoter _voter;
    private bool _exchanging;
    private bool _isDue;
    private int _fruitless;
    private int _failures;
    private bool _voteWanted;
    private VoterState _voteState;
    private string _voteSentence = "";
    private string? _storeProblem;
    private bool _storeWasLost;
    private uint _votedOver;
    private TimeSpan _voteUsedAt;

    private TimeSpan StoreInterval => StoreTimes.Interval(_settings.Config.Heartbeat.Grant);

    private TimeSpan Vow => _settings.Config.Heartbeat.Timeout;

    private VoterView? VoterView(IReadOnlyList<Member> silent)
    {
        if (_settings.Config.VotingArbiter is not { } arbiter)
            return null;
        if (_store is null)
            return new(arbiter.Name.Value, arbiter.Type, false, VoterState.Ready, _voteSentence);
        if (silent.Count == 0)
            (_voteWanted, _voteState, _voteSentence) = (false, VoterState.Ready, "");
        var state = silent.Count > 0 && HoldsVoteOver([.. silent.Select(m => m.Server)]) ? VoterState.Voted
            : _storeProblem is not null ? VoterState.Silent
            : _voter.Unregistered is not null ? VoterState.Refused
            : _voteState;
        return new(arbiter.Name.Value, arbiter.Type, true, state, _storeProblem ?? _voter.Unregistered ?? _voteSentence);
    }

    private bool HoldsVoteOver(IReadOnlyList<ServerName> servers)
    {
        var mask = Mask(servers);
        return View is { } view && _voter.HoldsUnusedVote(view.Term) && (_votedOver & mask) == mask;
    }

    private void OnStoreTick()
    {
        _isDue = _exchanging;
        Exchange();
    }

    private void Exchange()
    {
        if (_store is null || _exchanging || View is not { GuardianConnected: true } view || view.Own.Report is { Leaving: true })
            return;
        var change = Wanted(view);
        _exchanging = true;
        var (term, sent) = (view.Term, _settings.BootTime());
        _store.ExchangeAsync(change, _stopping).PipeTo(Self,
            success: answer => new StoreAnswered(answer, term, sent, Now),
            failure: failure => new StoreAnswered(StoreAnswer.Failed(failure.Message), term, sent, Now));
    }

    /// <summary>A vote that is wanted comes before a count; one that cannot be used any more is given back before anything else.</summary>
    private StoreChange? Wanted(MembershipView view)
    {
        if (!_voteWanted && _voter.HoldsUnusedVote(view.Term) && Now - _voteUsedAt > RaiseIsOverAfter && _voter.GiveBack(view.Term, Now) is { } back)
            return back;
        if (_voteWanted && AskVote(view) is { } vote)
            return vote;
        return _voter.Count(view.Term, view.Own.Incarnation, Vow, view.Members.All(m => m.TakesPart(view.Term)));
    }

    private StoreChange? AskVote(MembershipView view)
    {
        var settled = Settled(_outlook!);
        var silent = SilentServers.Of(view, settled);
        if (silent.Count == 0 || HoldsVoteOver([.. silent.Select(m => m.Server)]))
            return null;
        var leftOut = view.Members.Where(m => !m.IsSelf && (silent.Contains(m) || m.IsExcluded || m.State == ServerState.Clean || settled.Contains(m.Server))).ToList();
        var proven = Mask(leftOut.Where(m => !silent.Contains(m)).Select(m => m.Server));
        var attempt = _voter.AskVote(new Term(view.Term.Number + 1, view.Own.Index), view.Own.Incarnation, Mask(leftOut.Select(m => m.Server)), proven, Vow, Now);
        _voteSentence = attempt.Sentence;
        _voteState = attempt.Change is not null ? VoterState.Ready : attempt.WaitFor > TimeSpan.Zero || !_voter.IsKnown ? VoterState.NotYet : VoterState.Refused;
        if (attempt.Change is not null)
            _votedOver = Mask(leftOut.Select(m => m.Server));
        return attempt.Change;
    }

    private void OnStoreAnswered(StoreAnswered answered)
    {
        _exchanging = false;
        if (View is not { } view)
            return;
        var outcome = _voter.On(answered.Answer, view.Term, answered.Received, view.Grant == GrantState.Held);
        _failures = answered.Answer.Problem is null ? 0 : _failures + 1;
        // The first is what the times allow for: it is asked again before anybody is told.
        if (_failures != 1)
            NoteStore(answered.Answer.Problem);
        if (outcome == StoreOutcome.Vote)
        {
            (_voteUsedAt, _voteSentence) = (Now, "voted for this side");
            _settings.Events.Tell(CaEvents.VoteGiven(_store!.Name, _voter.Vote!.Value.Term.ToString()));
        }

        if (outcome is StoreOutcome.Vow or StoreOutcome.Vote && view.GuardianConnected)
            HandOver(answered);
        if (_voteWanted || outcome is StoreOutcome.Vote)
            Judge();
        AskAtOnce(outcome);
    }

    private void AskAtOnce(StoreOutcome outcome)
    {
        if (outcome is StoreOutcome.Vow or StoreOutcome.Vote)
            _fruitless = 0;
        var isLost = outcome == StoreOutcome.None && _fruitless++ < AskedAtOnce;
        if (!_isDue && !isLost)
            return;
        _isDue = false;
        Exchange();
    }

    /// <summary>The vow counts from before the request was sent: whoever sees the counter later waits longer than that.</summary>
    private void HandOver(StoreAnswered answered) => _settings.HandVow(answered.Term, answered.Sent, Vow).PipeTo(Self, failure: failure => new Status.Failure(failure));

    private void NoteStore(string? problem)
    {
        _storeProblem = problem;
        if (problem is not null && !_storeWasLost)
            _settings.Events.Tell(CaEvents.VoteStoreLost(_store!.Name, problem));
        else if (problem is null && _storeWasLost)
            _settings.Events.Tell(CaEvents.VoteStoreAnswers(_store!.Name));
        _storeWasLost = problem is not null;
    }

    private void OnRaiseEnded(RaiseEnded ended)
    {
        _voteUsedAt = Now;
        if (_store is null)
            _voteSentence = ended.Raised ? "" : ended.Sentence;
        Judge();
    }

    private string StoreWords() => !_voter.IsKnown ? "not answered yet" : _voter.Unregistered
        ?? string.Create(CultureInfo.InvariantCulture, $"counted every {StoreInterval.TotalMilliseconds:0} ms{(_voter.Vote is { } vote && vote.Term != Term.Zero ? $", last vote for term {vote.Term}" : "")}");

    private uint Mask(IEnumerable<ServerName> servers) => servers.Aggregate(0u, (bits, server) => bits | (1u << _settings.Config.IndexOf(server)));

    private sealed record StoreAnswered(StoreAnswer Answer, Term Term, TimeSpan Sent, TimeSpan Received);

    private sealed class StoreTick
    {
        public static readonly StoreTick Instance = new();
    }
}
