using System.Globalization;
using ClusterActors.Actors;
using ClusterActors.Cluster.Membership;
using ClusterActors.Model;
using ClusterActors.Model.Arbiters;
using ClusterActors.Model.Events;
using ClusterActors.Model.Voting;

namespace ClusterActors.Cluster.Arbitration;

/// <summary>
/// Runs the arbiters and tells the coordinator the verdict over silent servers. It decides by <see cref="VerdictRules"/> alone and does
/// the verdict's next step: asks who may forbid, asks the vote store, fences. Calls of arbiters run outside the mailbox, each bounded
/// by the arbiter's own time limit, one at a time for each; their answers come back as messages. It never raises a term itself.
/// </summary>
public sealed partial class Arbitrator : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan Pulse = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan VetoLastsFor = TimeSpan.FromSeconds(2);
    private readonly ArbitrationSettings _settings;
    private readonly IVetoArbiter[] _vetoes;
    private readonly Dictionary<string, Veto> _vetoStates = [];
    private readonly Dictionary<ServerName, long> _silentSince = [];
    private CancellationToken _stopping;
    private Outlook? _outlook;
    private Verdict? _verdict;
    private Arbitrated? _told;
    private string? _last;

    private Arbitrator(ArbitrationSettings settings)
    {
        _settings = settings;
        _vetoes = [.. settings.Arbiters.OfType<IVetoArbiter>()];
        _fences = [.. settings.Arbiters.OfType<IProofArbiter>()];
        _store = settings.Arbiters.OfType<IVoteStore>().FirstOrDefault();
        _voter = new StoreVoter(settings.Config.IndexOf(settings.Self), settings.Config.Servers.Count);
        Receive<Outlook>(outlook => { _outlook = outlook; Forget(); Judge(); });
        Receive<PulseTick>(_ => Judge());
        Receive<VetoAnswered>(OnVeto);
        Receive<RaiseEnded>(OnRaiseEnded);
        Receive<ConfirmedOff>(OnConfirmedOff);
        Receive<FenceJobEnded>(OnFenceJobEnded);
        Receive<FenceCheckDue>(_ => QueueChecks());
        Receive<TestFence>(OnTestFence);
        Receive<StoreTick>(_ => OnStoreTick());
        Receive<StoreAnswered>(OnStoreAnswered);
        Receive<GetArbiters>(_ => Sender.Tell(Shown()));
        Receive<Status.Failure>(failure => Context.GetLogger().Warning(failure.Cause, "the guardian did not take a vow"));
    }

    public ITimerScheduler Timers { get; set; } = null!;

    private TimeSpan Now => _settings.Time.GetElapsedTime(0);

    private MembershipView? View => _outlook?.View;

    public static Props Props(ArbitrationSettings settings) => Actors.Props.Create(() => new Arbitrator(settings));

    protected override void PreStart()
    {
        _stopping = Context.CancellationToken;
        // A raise that an earlier life asked for may still be under way: its vote is not given back at once.
        _voteUsedAt = Now;
        if (_fences.Length > 0)
        {
            QueueChecks();
            Timers.StartPeriodicTimer(nameof(FenceCheckDue), FenceCheckDue.Instance, CheckInterval);
        }

        if (_store is not null)
            Timers.StartPeriodicTimer(nameof(StoreTick), StoreTick.Instance, StoreInterval);
    }

    private void Judge()
    {
        if (_outlook is not { View.GuardianConnected: true } outlook)
            return;
        var verdict = VerdictRules.Decide(Facts(outlook));
        if (verdict.Kind != _verdict?.Kind || verdict.By != _verdict.By || verdict.Step != _verdict.Step)
            Announce(verdict);
        _verdict = verdict;
        Tell(outlook, verdict);
        Do(verdict);
        if (verdict.Kind == VerdictKind.Survive && verdict.Step == VerdictStep.None)
            Timers.Cancel(nameof(PulseTick));
        else
            Timers.StartSingleTimer(nameof(PulseTick), PulseTick.Instance, Pulse);
    }

    private VerdictSnapshot Facts(Outlook outlook)
    {
        var settled = Settled(outlook);
        var silent = SilentServers.Of(outlook.View, settled);
        var unproven = SilentServers.UnprovenOf(outlook.View, settled);
        RememberSince(silent);
        return new VerdictSnapshot(
            _settings.Self,
            _settings.Config.Servers.Count,
            SilentServers.Carried(outlook.View),
            [.. silent.Select(m => m.Server)],
            silent.Count == 0 ? TimeSpan.Zero : silent.Min(m => _settings.Time.GetElapsedTime(_silentSince[m.Server])),
            [.. unproven.Select(m => m.Server)],
            outlook.View.StartupWait is not null || silent.Any(m => m.State == ServerState.Unknown),
            SilentServers.ShootsFirst(outlook.View, silent),
            outlook.Helps,
            _settings.Config.Partition?.FenceDelay ?? TimeSpan.Zero,
            VetoViews(silent.Count > 0),
            VoterView(silent),
            _fences.Length == 0 ? [] : [.. silent.Concat(unproven).Select(m => FenceViewOf(m.Server))])
        {
            HoldPromise = outlook.View.Hold is not null,
            HeardByOthers = [.. silent.Where(outlook.View.IsReceivedElsewhere).Select(m => m.Server)],
        };
    }

    /// <summary>What a fence has proven here counts at once; the coordinator hears of it in the same step.</summary>
    private static IReadOnlyCollection<ServerName> Settled(Outlook outlook) => outlook.Settled;

    private void RememberSince(IReadOnlyList<Member> silent)
    {
        foreach (var gone in _silentSince.Keys.Where(s => silent.All(m => m.Server != s)).ToList())
            _silentSince.Remove(gone);
        var isNew = silent.Any(m => !_silentSince.ContainsKey(m.Server) && m.State == ServerState.Down);
        foreach (var member in silent)
            _silentSince.TryAdd(member.Server, _settings.Time.GetTimestamp());
        if (isNew)
            _settings.Events.Tell(NmEvents.PartitionDetected(string.Join(", ", silent.Select(m => m.Server))));
    }

    private void Announce(Verdict verdict)
    {
        if (verdict is { Kind: VerdictKind.Survive, Step: VerdictStep.None } && (_verdict is null || _verdict.Kind == VerdictKind.Survive))
            return;
        if (verdict.Step != VerdictStep.AskVeto)
            _settings.Events.Tell(NmEvents.PartitionAction("ask-arbiters", $"{Words(verdict.Kind)}: {verdict.Sentence}"));
        if (verdict is { Kind: VerdictKind.Survive, Step: VerdictStep.None })
            return;
        _last = string.Create(CultureInfo.InvariantCulture, $"{_settings.Time.GetLocalNow():yyyy-MM-dd HH:mm:ss} {Words(verdict.Kind)}: {verdict.Sentence}");
    }

    private static string Words(VerdictKind kind) => kind switch
    {
        VerdictKind.Survive => "survive",
        VerdictKind.StandDown => "stand down",
        _ => "wait",
    };

    private void Tell(Outlook outlook, Verdict verdict)
    {
        var proven = _fenceStates.Where(f => f.Value.State == FenceState.Proven).ToDictionary(f => f.Key, f => f.Value.Sentence);
        var hasVote = _store is not null && HoldsVoteOver(verdict.Targets);
        var next = new Arbitrated(outlook.View.Term, verdict, hasVote, proven, outlook.Number) { Fenced = [.. _fenceStates.Values.Where(f => f.State == FenceState.Proven)] };
        if (_told is { } told && told.Term == next.Term && told.HasVote == hasVote && Same(told.Verdict, verdict) && told.Proven.Count == proven.Count && !proven.Keys.Except(told.Proven.Keys).Any())
            return;
        _told = next;
        _settings.Coordinator.Tell(next);
    }

    private static bool Same(Verdict one, Verdict other) =>
        one.Kind == other.Kind && one.Step == other.Step && one.Sentence == other.Sentence && one.Targets.SequenceEqual(other.Targets);

    private void Do(Verdict verdict)
    {
        switch (verdict.Step)
        {
            case VerdictStep.AskVeto:
                AskVetoes();
                break;
            case VerdictStep.AskVote:
                _voteWanted = true;
                Exchange();
                break;
            case VerdictStep.Fence:
                foreach (var server in verdict.Targets)
                    QueueFence(server);
                break;
        }
    }

    private VetoView[] VetoViews(bool isWanted)
    {
        if (!isWanted)
            _vetoStates.Clear();
        else
            AskAgain();
        return [.. _vetoes.Select(v => _vetoStates.GetValueOrDefault(v.Name) is { } known ? new VetoView(v.Name, known.State, known.Sentence) : new VetoView(v.Name, VetoState.NotAsked, ""))];
    }

    private void AskVetoes()
    {
        foreach (var arbiter in _vetoes.Where(v => !_vetoStates.ContainsKey(v.Name)))
        {
            _vetoStates[arbiter.Name] = new(VetoState.Asking, "", Now, true);
            Ask(arbiter);
        }
    }

    /// <summary>While the silence lasts an answer grows old; the old one stays in force until the new one is here.</summary>
    private void AskAgain()
    {
        foreach (var arbiter in _vetoes)
        {
            if (!_vetoStates.TryGetValue(arbiter.Name, out var known) || known.IsAsking || Now - known.Since < VetoLastsFor)
                continue;
            _vetoStates[arbiter.Name] = known with { IsAsking = true };
            Ask(arbiter);
        }
    }

    private void Ask(IVetoArbiter arbiter) => arbiter.AskAsync(_stopping).PipeTo(Self,
        success: answer => new VetoAnswered(arbiter.Name, answer),
        failure: failure => new VetoAnswered(arbiter.Name, new VetoAnswer(true, $"{arbiter.Name} failed: {failure.Message}")));

    private void OnVeto(VetoAnswered answered)
    {
        // The silence may be over meanwhile: then the next one asks anew.
        if (_vetoStates.ContainsKey(answered.Name))
            _vetoStates[answered.Name] = new(answered.Answer.IsIsolated ? VetoState.Isolated : VetoState.Reachable, answered.Answer.Sentence, Now, false);
        Judge();
    }

    private ArbitersShown Shown()
    {
        var arbiters = _settings.Arbiters.Select(a => a switch
        {
            IVetoArbiter => Show(a, "veto", _vetoStates.GetValueOrDefault(a.Name) is { } veto ? Words(veto.State) : "not asked", _vetoStates.GetValueOrDefault(a.Name)?.Sentence ?? "asked when a server is silent"),
            IVoteStore => Show(a, "vote", _storeProblem is null && _voter.IsKnown ? "ok" : "failed", _storeProblem ?? StoreWords()),
            _ => ShowFence((IProofArbiter)a),
        });
        return new([.. arbiters], _verdict, _last, _fenceStates.ToDictionary(f => f.Key, f => f.Value));
    }

    private static ArbiterState Show(IArbiter arbiter, string kind, string state, string sentence) => new(arbiter.Name, arbiter.Type, kind, state, sentence);

    private static string Words(VetoState state) => state switch
    {
        VetoState.Reachable => "ok",
        VetoState.Isolated => "isolated",
        VetoState.Asking => "asking",
        _ => "not asked",
    };

    /// <param name="IsAsking">A question is under way.</param>
    private sealed record Veto(VetoState State, string Sentence, TimeSpan Since, bool IsAsking);

    private sealed record VetoAnswered(string Name, VetoAnswer Answer);

    private sealed class PulseTick
    {
        public static readonly PulseTick Instance = new();
    }
}
