using ClusterActors.Model.Guardian;

namespace ClusterActors.Guardian.Control;

/// <summary>What the supervisor makes the guardian do.</summary>
internal interface IDaemonActions
{
    /// <summary>Starts the daemon process; false when that failed (counts as a death).</summary>
    bool StartDaemon();

    /// <summary>Starts the next daemon process ahead: it loads, waits for the end of the present one and is taken by the next <see cref="StartDaemon"/>.</summary>
    void StartAhead();

    /// <summary>Ends the process that was started ahead; the present one goes on.</summary>
    void DropAhead();

    /// <summary>SIGKILL to the daemon process, if one runs, and drop its connection.</summary>
    void KillDaemon(string reason);

    /// <summary>To be told to the next daemon; the texts are those of <see cref="IncidentKind"/>.</summary>
    void Report(IncidentKind kind, string first, string second = "", string third = "");

    /// <summary>The daemon is not coming back: make the server safe.</summary>
    void GiveUp(string reason);

    /// <summary>To be told to the peers in the next beat.</summary>
    void DaemonStateChanged(DaemonState state);
}

/// <summary>Times of the supervision, nanoseconds.</summary>
internal sealed record DaemonLimits(bool Supervised, long SignInterval, long HangLimit, long RestartLimit)
{
    public static DaemonLimits From(GuardianSettings s, bool supervised) => new(
        supervised, s.SignInterval.Ticks * 100, s.HangLimit.Ticks * 100, s.DaemonRestartLimit.Ticks * 100);
}

/// <summary>
/// Keeps the node daemon alive. Pure: time comes in, actions go out. A daemon is hung when there was no sign of life for the hang limit; it is
/// killed and started again. After half of that limit the next one is started ahead, since most of a start is loading. Five deaths within ten
/// seconds, or no connection within the restart limit, and the server is made safe; afterwards the start is tried again every ten seconds, so a repaired daemon comes back without help.
/// </summary>
internal sealed class DaemonSupervisor(IDaemonActions actions, DaemonLimits limits, long now)
{
    private const long Second = 1_000_000_000;
    private const long DeathWindow = 10 * Second;
    private const int DeathLimit = 5;
    private const long RetryPause = 10 * Second;
    private const long ShortLife = Second / 10;

    // A daemon that is slow again and again must not cost a start each time.
    private const long AheadPause = 10 * Second;

    private readonly Queue<long> _deaths = new();
    private DaemonLimits _limits = limits;
    private bool _process;
    private bool _connected;
    private bool _wasReady;
    private bool _gaveUp;
    private bool _ending;
    private bool _ahead;
    private long _aheadNotBefore = now;
    private long _looked;
    private long _startAt = now;
    private long _startedAt;
    private long _awaySince = now;
    private readonly DaemonSilence _silence = new();

    public DaemonState State { get; private set; } = DaemonState.Absent;

    /// <summary>Since when it is in <see cref="State"/>.</summary>
    public long Since { get; private set; } = now;

    public void Apply(DaemonLimits limits) => _limits = limits;

    /// <summary>The guardian is ending: nothing is started or judged any more.</summary>
    public void End()
    {
        _ending = true;
        DropAhead();
    }

    /// <summary>When <see cref="Tick"/> has something to do next.</summary>
    public long NextDue
    {
        get
        {
            if (_ending)
                return long.MaxValue;
            long due = long.MaxValue;
            if (!_process && _limits.Supervised)
                due = _startAt;
            if (_connected)
                due = Math.Min(due, NextLook);
            else if (!_gaveUp)
                due = Math.Min(due, _awaySince + _limits.RestartLimit);
            return due;
        }
    }

    /// <summary>
    /// When half of the limit has gone by since the newest sign, by which time there should be newer ones; and that often in any case, since of a standstill of the guardian
    /// only what comes after the planned look is seen.
    /// </summary>
    private long NextLook => Math.Min(_silence.Since + _limits.HangLimit, _ahead ? _looked + _limits.SignInterval : Math.Min(AheadDue, _looked + HalfLimit));

    private long AheadDue => !_process || !_silence.Heard ? long.MaxValue : Math.Max(_silence.Since + HalfLimit, _aheadNotBefore);

    private long HalfLimit => _limits.HangLimit / 2;

    /// <summary>To be called after everything received was handled.</summary>
    /// <param name="sign">Boot time of the daemon's newest sign of life, 0 before the first.</param>
    public void Tick(long now, long sign)
    {
        if (_ending)
            return;
        if (_limits.Supervised && !_process && now >= _startAt)
            Start(now);
        if (_connected)
            Judge(now, sign);
        if (!_connected && !_gaveUp && now - _awaySince >= _limits.RestartLimit)
            GiveUp(now, $"the node daemon is not back after {_limits.RestartLimit / 1_000_000} ms");
    }

    public void Connected(long now)
    {
        if (State is DaemonState.Restarting or DaemonState.Gone)
            actions.Report(IncidentKind.DaemonRestarted, $"{_deaths.Count}", $"{DeathLimit}", $"away for {(now - Since) / 1_000_000} ms");
        _connected = true;
        _wasReady = true;
        _gaveUp = false;
        _silence.Begin(now);
        SetState(DaemonState.Running, now);
    }

    public void Disconnected(long now)
    {
        if (!_connected)
            return;
        _connected = false;
        _awaySince = now;
        // When the guardian leaves its daemon goes for good: the peers must not be told that it is coming back.
        if (!_ending)
            SetState(DaemonState.Restarting, now);
    }

    /// <param name="how">With which status the process ended; null when somebody told it to end, which is nothing to report.</param>
    public void Exited(long now, string? how)
    {
        _process = false;
        Disconnected(now);
        if (_ending)
            return;
        Died(now, how);
    }

    private void Judge(long now, long sign)
    {
        _silence.Look(now, sign, _limits.SignInterval);
        _looked = now;
        JudgeAhead(now);
        long silent = now - _silence.Since;
        if (silent >= _limits.HangLimit)
        {
            actions.Report(IncidentKind.DaemonHung, $"{silent / 1_000_000} ms");
            actions.KillDaemon($"no sign of life for {silent / 1_000_000} ms: hung");
            Disconnected(now);
        }

        _silence.Plan(NextLook);
    }

    private void JudgeAhead(long now)
    {
        // One that has given none yet is still starting: a second start beside it would only make that one slower.
        bool quiet = _silence.Heard && now - _silence.Since >= HalfLimit;
        if (_ahead && !quiet)
        {
            DropAhead();
            _aheadNotBefore = now + AheadPause;
        }
        else if (!_ahead && quiet && _process && now >= _aheadNotBefore)
        {
            _ahead = true;
            actions.StartAhead();
        }

    }

    private void DropAhead()
    {
        if (!_ahead)
            return;
        _ahead = false;
        actions.DropAhead();
    }

    private void Start(long now)
    {
        _startedAt = now;
        _ahead = false;
        _wasReady = false;
        if (State == DaemonState.Restarting)
            actions.Report(IncidentKind.DaemonStarted, "");
        _process = actions.StartDaemon();
        if (!_process)
            Died(now, "its process could not be started");
    }

    private void Died(long now, string? how)
    {
        // Given up, it is tried again for ever: told once, not at each try.
        if (!_gaveUp && how is not null)
            actions.Report(_wasReady ? IncidentKind.DaemonDied : IncidentKind.DaemonNotReady, how);
        _deaths.Enqueue(now);
        while (_deaths.TryPeek(out long first) && now - first > DeathWindow)
            _deaths.Dequeue();
        _startAt = now - _startedAt < ShortLife ? now + ShortLife : now;
        if (State == DaemonState.Running || (State == DaemonState.Absent && !_gaveUp))
            SetState(DaemonState.Restarting, now);
        if (_deaths.Count >= DeathLimit)
            GiveUp(now, $"the node daemon ended {_deaths.Count} times within {DeathWindow / Second} s");
        else if (_gaveUp)
            _startAt = now + RetryPause;
    }

    private void GiveUp(long now, string reason)
    {
        if (!_gaveUp)
            ReportGivenUp();
        _deaths.Clear();
        _startAt = now + RetryPause;
        bool first = !_gaveUp;
        _gaveUp = true;
        SetState(DaemonState.Gone, now);
        DropAhead();
        if (_process)
            actions.KillDaemon(reason);
        if (first)
            actions.GiveUp(reason);
    }

    private void ReportGivenUp() => actions.Report(
        IncidentKind.DaemonGivenUp, $"{Math.Max(1, _deaths.Count)}", $"{(_deaths.Count >= DeathLimit ? DeathWindow : _limits.RestartLimit) / Second} s");

    private void SetState(DaemonState state, long now)
    {
        if (state == State)
            return;
        State = state;
        Since = now;
        actions.DaemonStateChanged(state);
    }
}
