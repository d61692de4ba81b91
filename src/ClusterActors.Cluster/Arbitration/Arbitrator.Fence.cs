using ClusterActors.Actors;
using ClusterActors.Model;
using ClusterActors.Model.Arbiters;
using ClusterActors.Model.Events;
using ClusterActors.Model.Voting;

namespace ClusterActors.Cluster.Arbitration;

/// <summary>
/// Fencing and its checks: one job at a time, exclusions before checks, and a check that runs is given up for one. A server that could not
/// be fenced is tried again when its check succeeds; one that was fenced counts as proven until it is heard again. A shot at a server that is
/// heard again is called off: what waits is not begun, and the agent that runs is killed. Killed and not let finish, since it may not have
/// switched anything yet; if it has, the server falls silent once more and gets a shot of its own. Either way nothing is proven by it.
/// </summary>
public sealed partial class Arbitrator
{
    private const int JobsKept = 256;
    private static readonly TimeSpan CheckSoon = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestCheckInterval = TimeSpan.FromMinutes(1);
    private readonly IProofArbiter[] _fences;
    private readonly Dictionary<ServerName, FenceView> _fenceStates = [];
    private readonly Dictionary<(string Arbiter, ServerName Server), ProofAnswer> _checks = [];
    private readonly LinkedList<FenceJob> _jobs = [];
    private readonly Dictionary<ServerName, int> _hearings = [];
    private FenceJob? _running;
    private CancellationTokenSource? _runningStop;

    private TimeSpan CheckInterval => _settings.Config.Arbiters.OfType<FenceArbiterConfig>().Select(f => f.CheckInterval).DefaultIfEmpty(LongestCheckInterval).Min();

    /// <summary>What was proven, or failed, about a server that is here again is of the past.</summary>
    private void Forget()
    {
        foreach (var member in View!.Members.Where(m => !m.IsSelf && (m.IsHeard || View.IsReceivedElsewhere(m))))
        {
            _hearings[member.Server] = HearingsOf(member.Server) + 1;
            CallOff(member.Server);
            if (member.IsHeard || FenceViewOf(member.Server).State != FenceState.Running)
                _fenceStates.Remove(member.Server);
        }
    }

    /// <summary>Shots at a server that is heard again; a test that an administrator asked for goes on.</summary>
    private void CallOff(ServerName server)
    {
        if (_running is { Kind: FenceJobKind.Exclude } running && running.Server == server)
            _runningStop!.Cancel();
        // One that waits was told to nobody; without the state the next silence asks anew.
        if (_jobs.FirstOrDefault(j => j.Kind == FenceJobKind.Exclude && j.Server == server) is { } waiting && _jobs.Remove(waiting))
            _fenceStates.Remove(server);
    }

    /// <summary>In how many outlooks anybody heard it: a shot tells about the silence in which it was asked for, and about no later one.</summary>
    private int HearingsOf(ServerName server) => _hearings.GetValueOrDefault(server);

    private FenceView FenceViewOf(ServerName server) =>
        _fenceStates.GetValueOrDefault(server)
        ?? (_fences.Any(f => f.Covers(server)) ? new FenceView(server, FenceState.None, "") : new FenceView(server, FenceState.NotCovered, $"no fence arbiter covers {server}"));

    private void QueueFence(ServerName server)
    {
        if (FenceViewOf(server).State != FenceState.None)
            return;
        _fenceStates[server] = new(server, FenceState.Running, "under way");
        _jobs.AddFirst(new FenceJob(server, FenceJobKind.Exclude, [.. _fences.Where(f => f.Covers(server))], null) { Hearings = HearingsOf(server) });
        // It changes nothing, and may take an agent's whole time limit.
        if (_running is { Kind: FenceJobKind.Check or FenceJobKind.TestStatus })
            _runningStop!.Cancel();
        RunNext();
    }

    private void QueueChecks()
    {
        foreach (var server in _settings.Config.Servers.Select(s => s.Name).Where(s => s != _settings.Self))
        {
            var covering = _fences.Where(f => f.Covers(server)).ToArray();
            if (covering.Length > 0 && _jobs.Count < JobsKept && _jobs.All(j => j.Kind != FenceJobKind.Check || j.Server != server))
                _jobs.AddLast(new FenceJob(server, FenceJobKind.Check, covering, null));
        }

        RunNext();
    }

    private void OnTestFence(TestFence test)
    {
        var covering = _fences.Where(f => f.Covers(test.Server)).ToArray();
        var refusal = covering.Length == 0 ? $"no fence arbiter covers {test.Server}"
            : _jobs.Count >= JobsKept ? "too many checks wait already; try again"
            : test.Really && test.Server == _settings.Self ? $"{test.Server} cannot switch itself off; run it on another server"
            : null;
        if (refusal is not null)
        {
            Sender.Tell(new FenceTested([("fence", false, refusal)]));
            return;
        }

        if (test.Really)
            _settings.Events.Tell(CaEvents.FenceBegan(test.Server.Value, string.Join(", ", covering.Select(f => f.Name)), $"test by {test.Caller}"));
        _jobs.AddFirst(new FenceJob(test.Server, test.Really ? FenceJobKind.TestOff : FenceJobKind.TestStatus, covering, Sender));
        RunNext();
    }

    private void RunNext()
    {
        if (_running is not null || _jobs.First is not { } first)
            return;
        _jobs.RemoveFirst();
        var job = _running = first.Value;
        if (job.Kind == FenceJobKind.Exclude)
            TellFenceBegan(job);
        var stop = _runningStop = CancellationTokenSource.CreateLinkedTokenSource(_stopping);
        RunAsync(job, stop.Token).PipeTo(Self,
            success: answers => new FenceJobEnded(job, answers),
            failure: failure => new FenceJobEnded(job, [(job.Arbiters[0].Name, new ProofAnswer(false, failure.Message))]));
    }

    private void TellFenceBegan(FenceJob job)
    {
        var began = _settings.Ids.Sign(CaEvents.FenceBegan(job.Server.Value, string.Join(", ", job.Arbiters.Select(a => a.Name)), _verdict?.Sentence ?? ""));
        _settings.Events.Tell(began.FollowingFrom(View?.Find(job.Server).CauseId));
        if (_fenceStates.TryGetValue(job.Server, out var state))
            _fenceStates[job.Server] = state with { EventId = began.EventId };
    }

    private static async Task<IReadOnlyList<(string, ProofAnswer)>> RunAsync(FenceJob job, CancellationToken cancellation)
    {
        var answers = new List<(string, ProofAnswer)>();
        foreach (var arbiter in job.Arbiters)
        {
            cancellation.ThrowIfCancellationRequested();
            var isOff = job.Kind is FenceJobKind.Exclude or FenceJobKind.TestOff;
            var answer = isOff
                ? await arbiter.ExcludeAsync(job.Server, cancellation).ConfigureAwait(false)
                : await arbiter.CheckAsync(job.Server, cancellation).ConfigureAwait(false);
            answers.Add((arbiter.Name, answer));
            // One proof is enough; a check looks at all of them.
            if (isOff && answer.Succeeded)
                break;
        }

        return answers;
    }

    private void OnFenceJobEnded(FenceJobEnded ended)
    {
        var isGivenUp = _runningStop is { IsCancellationRequested: true };
        _runningStop?.Dispose();
        (_running, _runningStop) = (null, null);
        switch (ended.Job.Kind)
        {
            case FenceJobKind.Check or FenceJobKind.TestStatus when isGivenUp:
                // It tells nothing about the device; whoever asked for it gets its answer after the shot.
                _jobs.AddLast(ended.Job);
                break;
            case FenceJobKind.Exclude:
                OnExcluded(ended.Job, ended.Answers);
                break;
            case FenceJobKind.Check:
                OnChecked(ended.Job.Server, ended.Answers);
                break;
            default:
                ended.Job.Asker!.Tell(new FenceTested([.. ended.Answers.Select(a => (a.Arbiter, a.Answer.Succeeded, a.Answer.Sentence))]));
                break;
        }

        RunNext();
        Judge();
    }

    private void OnExcluded(FenceJob job, IReadOnlyList<(string Arbiter, ProofAnswer Answer)> answers)
    {
        var server = job.Server;
        var sentence = string.Join("; ", answers.Where(a => a.Answer.Succeeded).DefaultIfEmpty(answers[^1]).Select(a => a.Answer.Sentence));
        if (job.Hearings != HearingsOf(server))
        {
            // It was heard meanwhile, perhaps after its reboot: the proof is about a life that is over. If it is silent again, that needs a shot of its own.
            if (!_jobs.Any(j => j.Kind == FenceJobKind.Exclude && j.Server == server))
                _fenceStates.Remove(server);
            return;
        }

        var began = _fenceStates.GetValueOrDefault(server)?.EventId;
        var isProven = answers.Any(a => a.Answer.Succeeded);
        var told = _settings.Ids.Sign((isProven ? CaEvents.FenceSucceeded(server.Value, sentence) : CaEvents.FenceFailed(server.Value, sentence)).FollowingFrom(began));
        _settings.Events.Tell(told);
        _fenceStates[server] = new(server, isProven ? FenceState.Proven : FenceState.Failed, sentence) { EventId = told.EventId };
        if (isProven)
            return;
        foreach (var group in _outlook?.Waiting ?? [])
            _settings.Events.Tell(RcEvents.FailoverCancelledNoProof(group.Value, server.Value).FollowingFrom(told.EventId));
        Timers.StartSingleTimer(nameof(CheckSoon), FenceCheckDue.Instance, CheckInterval < CheckSoon ? CheckInterval : CheckSoon);
    }

    private void OnChecked(ServerName server, IReadOnlyList<(string Arbiter, ProofAnswer Answer)> answers)
    {
        foreach (var (arbiter, answer) in answers)
        {
            var before = _checks.GetValueOrDefault((arbiter, server));
            _checks[(arbiter, server)] = answer;
            if (!answer.Succeeded && before is not { Succeeded: false })
                _settings.Events.Tell(CaEvents.FenceCheckFailed(arbiter, server.Value, answer.Sentence));
            else if (answer.Succeeded && before is { Succeeded: false })
                _settings.Events.Tell(CaEvents.FenceCheckRecovered(arbiter, server.Value));
        }

        if (FenceViewOf(server).State != FenceState.Failed)
            return;
        if (answers.Any(a => a.Answer.Succeeded))
            _fenceStates.Remove(server);
        else
            Timers.StartSingleTimer(nameof(CheckSoon), FenceCheckDue.Instance, CheckInterval < CheckSoon ? CheckInterval : CheckSoon);
    }

    private void OnConfirmedOff(ConfirmedOff confirmed)
    {
        _fenceStates[confirmed.Server] = new(confirmed.Server, FenceState.Proven, confirmed.Sentence);
        Judge();
    }

    private ArbiterState ShowFence(IProofArbiter arbiter)
    {
        var known = _checks.Where(c => c.Key.Arbiter == arbiter.Name).ToList();
        var failed = known.Where(c => !c.Value.Succeeded).ToList();
        return Show(arbiter, "fence", known.Count == 0 ? "not checked" : failed.Count == 0 ? "ok" : "failed",
            known.Count == 0 ? "checked for the first time at present" : string.Join("; ", (failed.Count == 0 ? known : failed).Select(c => $"{c.Key.Server}: {c.Value.Sentence}")));
    }

    private enum FenceJobKind
    {
        Exclude,
        Check,
        TestStatus,
        TestOff,
    }

    private sealed record FenceJob(ServerName Server, FenceJobKind Kind, IProofArbiter[] Arbiters, IActorRef? Asker)
    {
        /// <summary><see cref="HearingsOf"/> when it was asked for.</summary>
        public int Hearings { get; init; }
    }

    private sealed record FenceJobEnded(FenceJob Job, IReadOnlyList<(string Arbiter, ProofAnswer Answer)> Answers);

    private sealed class FenceCheckDue
    {
        public static readonly FenceCheckDue Instance = new();
    }
}
