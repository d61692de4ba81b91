using ClusterActors.Actors;
using ClusterActors.Cluster.Coordination;
using ClusterActors.Cluster.Groups;
using ClusterActors.Cluster.Membership;
using ClusterActors.Cluster.Wire;
using ClusterActors.Model;
using ClusterActors.Model.Events;
using ClusterActors.Model.Guardian;
using ClusterActors.Model.Planning;

namespace ClusterActors.Cluster.Process;

/// <summary>
/// pm: the daemon's life. It counts down for the other servers at start, stops the groups in order when the server is to stop, and
/// carries out final actions. Every wait has an end: the count-down, the stop limit.
/// </summary>
public sealed class ProcessManager : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private readonly ProcessManagerSettings _settings;
    private ProcessNeighbours? _neighbours;
    private DaemonPhase _phase = DaemonPhase.Starting;
    private MembershipView? _view;
    private long _waitUntil;
    private IReadOnlyList<ServerName> _missing = [];
    private string _stopReason = "";
    private string? _stopCause;
    private bool _left;
    private bool _powerOffAsked;

    private ProcessManager(ProcessManagerSettings settings)
    {
        _settings = settings;
        Receive<ProcessNeighbours>(neighbours => _neighbours = neighbours);
        Receive<MembershipView>(OnView);
        Receive<CountDown>(_ => OnCountDown());
        Receive<EndStartupWait>(OnEndWait);
        Receive<StopServerOrder>(OnStopOrder);
        Receive<StopRequested>(OnStopRequested);
        Receive<StopOverdue>(_ => MakeSafe("the stop limit is over; what is left is killed", _stopCause));
        Receive<FinalActionDue>(OnFinalAction);
        Receive<GetPhase>(_ => Sender.Tell(new PhaseShown(_phase, _missing, Left)));
        Receive<LeaveAnswered>(OnLeaveAnswered);
        Receive<LeaveAgain>(_ => AskToLeave());
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(ProcessManagerSettings settings) => Actors.Props.Create(() => new ProcessManager(settings));

    private TimeSpan? Left
    {
        get
        {
            if (_phase != DaemonPhase.WaitingForServers)
                return null;
            var left = _settings.Time.GetElapsedTime(_settings.Time.GetTimestamp(), _waitUntil);
            return left > TimeSpan.Zero ? left : TimeSpan.Zero;
        }
    }

    private void OnView(MembershipView view)
    {
        _view = view;
        switch (_phase)
        {
            case DaemonPhase.Starting when view.Own.Report is { Ready: true }:
                BeginWait();
                break;
            case DaemonPhase.WaitingForServers:
                Reconsider();
                break;
            case DaemonPhase.Stopping when view.Own.Report is { } own && own.Groups.All(g => !g.ActiveHere):
                Leave(_stopReason);
                break;
        }
    }

    private void BeginWait()
    {
        _settings.Events.Tell(PmEvents.DaemonStarted());
        _phase = DaemonPhase.WaitingForServers;
        _waitUntil = _settings.Time.GetTimestamp() + (long)(_settings.Config.Startup.WaitForServers.TotalSeconds * _settings.Time.TimestampFrequency);
        Reconsider();
        if (_phase != DaemonPhase.WaitingForServers)
            return;
        _settings.Events.Tell(CaEvents.StartupWaiting(string.Join(", ", _missing), $"{Left!.Value.TotalSeconds:0} s"));
        Timers.StartPeriodicTimer(nameof(CountDown), CountDown.Instance, Second);
        Announce();
    }

    /// <summary>
    /// A daemon that was restarted beside a guardian that holds groups goes on at once: it decided before, and its guardian's vows and
    /// term are unbroken. Otherwise every server must have been heard, or the term must already have been raised over it.
    /// </summary>
    private void Reconsider()
    {
        _missing = [.. _view!.Members.Where(m => !m.IsSelf && !m.IsExcluded && !WasHeard(m)).Select(m => m.Server)];
        var running = _view.Own.Report!.Groups.Where(g => g.ActiveHere).Select(g => g.Record.Group.Value).ToList();
        if (running.Count > 0)
            _settings.Events.Tell(CaEvents.ProgramsAdopted(string.Join(", ", running)));
        if (_missing.Count == 0 || running.Count > 0)
            EndWait(_missing.Count == 0 ? "every server has been heard" : "groups of this server were running all the time");
    }

    /// <summary>Its daemon has reported, or our guardian heard it in this life and has since seen it go: then the rules of a takeover hold.</summary>
    private static bool WasHeard(Member member) =>
        member is { LinkUp: true, Report: not null } || (member.Incarnation != default && member.State is ServerState.Down or ServerState.Clean);

    private void OnCountDown()
    {
        if (_phase != DaemonPhase.WaitingForServers)
            return;
        if (Left == TimeSpan.Zero)
            EndWait("the start-up wait is over");
        else
            Announce();
    }

    private void Announce() => _neighbours!.NodeManager.Tell(new StartupWaitChanged(new StartupWait(_missing, Left!.Value)));

    private void EndWait(string reason)
    {
        _phase = DaemonPhase.Running;
        Timers.Cancel(nameof(CountDown));
        var over = _settings.Ids.Sign(CaEvents.StartupWaitOver(reason));
        _settings.Events.Tell(over);
        _neighbours!.NodeManager.Tell(new StartupWaitChanged(null, over.EventId));
    }

    private void OnEndWait(EndStartupWait end)
    {
        if (_phase == DaemonPhase.Running)
        {
            ConfirmLost(end);
            return;
        }

        if (_phase != DaemonPhase.WaitingForServers)
        {
            Sender.Tell(new StartupWaitEnded(false, $"no server is waited for ({_phase})"));
            return;
        }

        var missing = _missing;
        if (missing.Where(s => _view?.IsReceivedElsewhere(_view.Find(s)) == true).ToList() is { Count: > 0 } heard)
        {
            Sender.Tell(new StartupWaitEnded(false, $"{string.Join(", ", heard)}: heard by another server, so not off; mend the link to it, or stop it there"));
            return;
        }

        EndWait($"{end.Caller} ended the wait for {string.Join(", ", missing)}: {end.Reason}");
        _neighbours!.Coordinator.Tell(new ConfirmDown(missing, end.Caller, end.Reason));
        Sender.Tell(new StartupWaitEnded(true, $"{_settings.Self} goes on without {string.Join(", ", missing)}"));
    }

    /// <summary>Under hold a silent server is only taken over on an administrator's word that it is off.</summary>
    private void ConfirmLost(EndStartupWait end)
    {
        var lost = _view!.Members.Where(m => !m.IsSelf && !m.IsExcluded && m.State is ServerState.Down or ServerState.Unknown && !_view.IsReceivedElsewhere(m)).Select(m => m.Server).ToList();
        if (lost.Count > 0)
            _neighbours!.Coordinator.Tell(new ConfirmDown(lost, end.Caller, end.Reason));
        Sender.Tell(lost.Count > 0
            ? new StartupWaitEnded(true, $"{_settings.Self} goes on without {string.Join(", ", lost)}, confirmed to be off")
            : new StartupWaitEnded(false, "no server is waited for, and none is silent to all"));
    }

    private void OnStopOrder(StopServerOrder order)
    {
        var requested = _settings.Ids.Sign(PmEvents.StopRequested(order.Caller));
        _settings.Events.Tell(requested);
        Sender.Tell(new StopServerAccepted(order.CommandId));
        Stop($"{order.Caller}: {order.Reason}", requested.EventId, _settings.Config.Daemon.StopLimit, order.All);
    }

    /// <summary>The guardian was told to end: by the init system, or by whoever may signal it.</summary>
    private void OnStopRequested(StopRequested stop)
    {
        var requested = _settings.Ids.Sign(PmEvents.StopRequested($"the operating system ({stop.Reason})"));
        _settings.Events.Tell(requested);
        Stop(stop.Reason, requested.EventId, stop.Limit);
    }

    private void OnFinalAction(FinalActionDue due)
    {
        if (due.Action < FinalAction.StopDaemon)
            return;
        MakeSafe($"final action of group {due.Group}: {due.Reason}", due.CauseId);
        if (due.Action is not (FinalAction.StopDaemonAndShutDown or FinalAction.StopDaemonAndReboot) || _powerOffAsked)
            return;
        _powerOffAsked = true;
        var reboot = due.Action == FinalAction.StopDaemonAndReboot;
        _settings.Events.Tell((reboot ? PmEvents.SystemReboot() : PmEvents.SystemHalt()).FollowingFrom(due.CauseId));
        _settings.PowerOff(reboot);
    }

    /// <summary>Leaves without the orderly end of every group.</summary>
    private void MakeSafe(string reason, string? causeId)
    {
        if (!_left)
            _settings.Events.Tell(CaEvents.ServerMadeSafe(reason).FollowingFrom(causeId));
        Leave(reason);
    }

    private void Stop(string reason, string? causeId, TimeSpan limit, bool withAllServers = false)
    {
        if (_phase == DaemonPhase.Stopping)
            return;
        _phase = DaemonPhase.Stopping;
        (_stopReason, _stopCause) = (reason, causeId);
        _settings.Events.Tell(PmEvents.DaemonStopping().FollowingFrom(causeId));
        _settings.Events.Tell((withAllServers ? RcEvents.ClusterShutdown() : RcEvents.ServerShutdown()).FollowingFrom(causeId));
        Timers.CancelAll();
        Timers.StartSingleTimer(nameof(StopOverdue), StopOverdue.Instance, limit);
        _settings.Events.Tell(PmEvents.ShutdownWatchStarted());
        // In this order: a coordinator that saw a stopped group on a server that is not leaving would start it there again.
        _neighbours!.NodeManager.Tell(new Leaving(causeId));
        _neighbours.ResourceControl.Tell(new StopAllHere(reason, causeId));
    }

    /// <summary>The guardian makes sure that nothing is left, says "down and clean", and ends itself and this daemon.</summary>
    private void Leave(string reason)
    {
        if (_left)
            return;
        _left = true;
        _phase = DaemonPhase.Stopping;
        Timers.CancelAll();
        _settings.Events.Tell(PmEvents.DaemonStop());
        _stopReason = reason;
        AskToLeave();
    }

    private void AskToLeave() =>
        _settings.Guardian.AskAsync(new Leave(_stopReason), _settings.Config.Daemon.StopLimit)
            .PipeTo(Self, success: reply => new LeaveAnswered(reply.Succeeded, reply.Sentence), failure: e => new LeaveAnswered(false, e.Message));

    /// <summary>A server that wants to leave and cannot would be neither in nor out: asked until the guardian does it.</summary>
    private void OnLeaveAnswered(LeaveAnswered answered)
    {
        Context.GetLogger().Info("the guardian answered the leave: {Answer}", answered.Sentence);
        if (!answered.Done)
            Timers.StartSingleTimer(nameof(LeaveAgain), LeaveAgain.Instance, Second);
    }

    private sealed record LeaveAnswered(bool Done, string Sentence);

    private sealed class LeaveAgain
    {
        public static readonly LeaveAgain Instance = new();
    }

    private sealed class CountDown
    {
        public static readonly CountDown Instance = new();
    }

    private sealed class StopOverdue
    {
        public static readonly StopOverdue Instance = new();
    }
}
