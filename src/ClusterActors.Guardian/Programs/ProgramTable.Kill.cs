using ClusterActors.Linux.Process;
using ClusterActors.Linux.Time;

namespace ClusterActors.Guardian.Programs;

/// <summary>Stopping and killing.</summary>
public sealed partial class ProgramTable
{
    // Without cgroup.kill one pass may miss processes being born, and with it repeating costs nothing.
    private const long KillRepeatNanoseconds = 50_000_000;

    private readonly List<KillWait> _allWaits = [];
    private long _nextKillRepeat;

    /// <summary>
    /// Signals the main process of a ticket and, when it has ended or the limit is over, kills whatever of its resource is left.
    /// </summary>
    /// <param name="limit">Time for the program to end by itself.</param>
    /// <param name="killLimit">Time for the killed ones to be gone.</param>
    /// <returns>Null, or why nothing was done and <paramref name="done"/> will not be called.</returns>
    public string? Stop(string ticket, int signal, TimeSpan limit, TimeSpan killLimit, Action<KillReport> done)
    {
        ArgumentNullException.ThrowIfNull(done);
        if (!_live.TryGetValue(ticket, out var program))
            return $"ticket {ticket}: no such program runs";
        if (program.Stop is not null)
            return $"ticket {ticket}: is being stopped already";
        if (program.Signal(signal) is { } refusal)
            return refusal;
        program.Stop = new PendingStop(BootClock.NowNanoseconds() + ToNanoseconds(limit), killLimit, done);
        ArmTimer();
        return null;
    }

    /// <summary>
    /// Kills every process of a resource, daemonised ones included, and gives up its starts under way. The signals are sent before this
    /// returns; the report comes when nothing is left, or at the limit with what is. For a resource without programs it comes at once,
    /// from within this call.
    /// </summary>
    public void Kill(string group, string resource, TimeSpan limit, Action<KillReport> done)
    {
        ArgumentNullException.ThrowIfNull(done);
        var now = BootClock.NowNanoseconds();
        var what = $"kill of {group}.{resource}";
        if (!_containments.TryGetValue((group, resource), out var containment))
        {
            done(KillReport.AllGone(what, 0));
            return;
        }

        foreach (var start in containment.Pending)
            _gate.TryCancel(start.Job);
        containment.Directory.Kill();
        containment.Waits.Add(new KillWait(what, now, now + ToNanoseconds(limit), done));
        _nextKillRepeat = now + KillRepeatNanoseconds;
        ArmTimer();
    }

    /// <summary>
    /// Kills every program of this server at once and refuses starts until <see cref="AllowStarts"/>. The signals are sent before this
    /// returns. Only an empty report allows the statement "clean".
    /// </summary>
    public void KillAll(TimeSpan limit, Action<KillReport> done)
    {
        ArgumentNullException.ThrowIfNull(done);
        _gate.Close();
        var now = BootClock.NowNanoseconds();
        foreach (var start in _pending.Values)
            _gate.TryCancel(start.Job);
        _root.Directory.Kill();
        _allWaits.Add(new KillWait("kill of all programs", now, now + ToNanoseconds(limit), done));
        _nextKillRepeat = now + KillRepeatNanoseconds;
        ArmTimer();
    }

    // After each round: reports that can be given, deadlines that are over, groups that can go, the next wake-up.
    private void Settle()
    {
        var now = BootClock.NowNanoseconds();
        ExpireStarts(now);
        ExpireStops(now);
        RepeatKills(now);
        foreach (var containment in _containments.Values.ToArray())
            SettleContainment(containment, now);
        if (_allWaits.Count > 0)
            Report(_allWaits, _live.Count == 0 && !MayRun(_pending.Values) && !IsRootPopulated(), _root.Directory, now);
        PulseReaper(now);
        ArmTimer();
    }

    private void SettleContainment(ResourceContainment containment, long now)
    {
        var idle = containment.Live.Count == 0 && !MayRun(containment.Pending);
        if (!idle && containment.Waits.Count == 0)
            return;
        var empty = idle && !containment.Events.IsPopulated();
        Report(containment.Waits, empty, containment.Directory, now);
        // A callback may have begun a new start.
        if (empty && containment is { Live.Count: 0, Pending.Count: 0, Waits.Count: 0 })
            Forget(containment);
    }

    // Whether a start that was not given up is under way.
    private bool MayRun(IEnumerable<PendingStart> starts) => starts.Any(start => _gate.HasPassed(start.Job));

    private static void Report(List<KillWait> waits, bool empty, CgroupDirectory directory, long now)
    {
        if (waits.Count == 0)
            return;
        // First taken out, then told: the callback may kill again.
        var over = waits.FindAll(wait => empty || now >= wait.DeadlineNanoseconds);
        waits.RemoveAll(over.Contains);
        foreach (var wait in over)
        {
            var duration = now - wait.StartNanoseconds;
            wait.Done(empty ? KillReport.AllGone(wait.What, duration) : KillReport.Survivors(wait.What, directory, duration));
        }
    }

    private void Forget(ResourceContainment containment)
    {
        if (!containment.Directory.TryRemove())
            return;
        _epoll.Remove(containment.Events.FileDescriptor);
        _byToken.Remove(containment.Token);
        _containments.Remove((containment.Group, containment.Resource));
        containment.Dispose();
        // Stays when another resource of the group has its directory in it.
        _ = containment.Directory.Parent.TryRemoveAlone();
        foreach (var file in containment.LogFiles)
            _launcher.ReleaseLog(file);
    }

    private void ExpireStarts(long now)
    {
        foreach (var start in _pending.Values.Where(start => now >= start.DeadlineNanoseconds).ToArray())
        {
            // One that has passed runs, and its answer is on the way.
            if (!_gate.TryCancel(start.Job))
                continue;
            _pending.Remove(start.Job.Request.Ticket);
            start.Containment.Pending.Remove(start);
            var failure = new StartAnswer(
                StartResult.Failed, 0,
                $"{start.Containment.Name}: not started within {_options.LaunchLimit.TotalSeconds:0} s and given up; the launcher hangs on a log folder, an account look-up or a tool's disk");
            foreach (var answer in start.Answers)
                answer(failure);
        }
    }

    private void ExpireStops(long now)
    {
        foreach (var program in _live.Values.Where(program => program.Stop is { } stop && now >= stop.DeadlineNanoseconds).ToArray())
        {
            var stop = program.Stop!;
            program.Stop = null;
            Kill(program.Containment.Group, program.Containment.Resource, stop.KillLimit, stop.Done);
        }
    }

    private void RepeatKills(long now)
    {
        if (now < _nextKillRepeat)
            return;
        _nextKillRepeat = now + KillRepeatNanoseconds;
        if (_allWaits.Count > 0)
            _root.Directory.Kill();
        foreach (var containment in _containments.Values.Where(containment => containment.Waits.Count > 0))
            containment.Directory.Kill();
    }

    private void ArmTimer()
    {
        var next = NextPulseNanoseconds;
        foreach (var start in _pending.Values)
            next = Math.Min(next, start.DeadlineNanoseconds);
        foreach (var program in _live.Values)
            next = Math.Min(next, program.Stop?.DeadlineNanoseconds ?? long.MaxValue);
        foreach (var containment in _containments.Values)
            next = containment.Waits.Aggregate(next, (least, wait) => Math.Min(least, Math.Min(_nextKillRepeat, wait.DeadlineNanoseconds)));
        foreach (var wait in _allWaits)
            next = Math.Min(next, Math.Min(_nextKillRepeat, wait.DeadlineNanoseconds));
        if (next == long.MaxValue)
            _timer.Disarm();
        else
            _timer.Arm(next);
    }
}
