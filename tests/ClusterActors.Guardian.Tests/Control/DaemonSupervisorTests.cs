using ClusterActors.Guardian.Control;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Guardian.Tests.Control;

public sealed class DaemonSupervisorTests
{
    private const long Ms = 1_000_000;
    private readonly Recorder _recorder = new();
    private long _now = 1000 * Ms;
    private long _sign;
    private bool _alive;
    private int _looks;

    [Fact]
    public void Daemon_must_be_started_at_once_and_left_alone_while_it_gives_signs()
    {
        DaemonSupervisor supervisor = Supervisor();
        supervisor.Tick(_now, _sign);
        Assert.Equal(["start"], _recorder.Actions);
        supervisor.Connected(_now);
        _alive = true;
        Advance(supervisor, 60_000);
        Assert.Equal(["start", "state Running"], _recorder.Actions);
    }

    /// <summary>Each is a thread woken on an idle server.</summary>
    [Fact]
    public void Signs_must_be_looked_for_some_three_times_a_second_only()
    {
        DaemonSupervisor supervisor = Connected();
        _alive = true;
        Advance(supervisor, 10_000);
        int before = _looks;
        Advance(supervisor, 10_000);
        Assert.InRange(_looks - before, 20, 34);
    }

    [Fact]
    public void Daemon_must_be_killed_after_exactly_the_hang_limit_without_a_sign()
    {
        DaemonSupervisor supervisor = Connected();
        Advance(supervisor, 999);
        Assert.DoesNotContain(_recorder.Actions, a => a.StartsWith("kill", StringComparison.Ordinal));
        Advance(supervisor, 1);
        Assert.Contains(_recorder.Actions, a => a.StartsWith("kill no sign of life for 1000 ms", StringComparison.Ordinal));
        Assert.Equal(DaemonState.Restarting, supervisor.State);
        supervisor.Exited(_now, "exit code 3");
        supervisor.Tick(_now, _sign);
        Assert.Equal(2, _recorder.Actions.Count(a => a == "start"));
    }

    [Fact]
    public void Next_daemon_must_be_started_ahead_at_half_the_hang_limit_and_taken_at_the_whole()
    {
        DaemonSupervisor supervisor = Answering();
        Advance(supervisor, 499);
        Assert.DoesNotContain("start ahead", _recorder.Actions);
        Advance(supervisor, 1);
        Assert.Equal("start ahead", _recorder.Actions[^1]);
        Advance(supervisor, 500);
        supervisor.Exited(_now, "signal 9");
        Advance(supervisor, 1);

        Assert.Single(_recorder.Actions, "start ahead");
        Assert.DoesNotContain("drop ahead", _recorder.Actions);
        Assert.Equal("start", _recorder.Actions[^1]);
    }

    [Fact]
    public void Daemon_that_gives_signs_again_must_stay_and_be_replaced_ahead_at_most_every_ten_seconds()
    {
        DaemonSupervisor supervisor = Connected();
        for (int i = 0; i < 22; i++)
        {
            _alive = false;
            Advance(supervisor, 700);
            _alive = true;
            Advance(supervisor, 300);
        }

        Assert.Equal(2, _recorder.Actions.Count(a => a == "start ahead"));
        Assert.Equal(2, _recorder.Actions.Count(a => a == "drop ahead"));
        Assert.DoesNotContain(_recorder.Actions, a => a.StartsWith("kill", StringComparison.Ordinal));
    }

    [Fact]
    public void Next_daemon_must_be_dropped_when_the_server_is_given_up()
    {
        DaemonSupervisor supervisor = Connected();
        for (int i = 0; i < 4; i++)
        {
            supervisor.Exited(_now, "exit code 3");
            Advance(supervisor, 150);
        }

        supervisor.Connected(_now);
        _sign = _now;
        supervisor.Tick(_now, _sign);
        Advance(supervisor, 700);
        Assert.Equal("start ahead", _recorder.Actions[^1]);
        supervisor.Exited(_now, "exit code 3");

        Assert.Equal(["drop ahead", "give up"], _recorder.Actions[^2..]);
    }

    [Fact]
    public void Next_daemon_must_be_dropped_when_the_guardian_leaves()
    {
        DaemonSupervisor supervisor = Answering();
        Advance(supervisor, 600);
        supervisor.End();
        Assert.Equal("drop ahead", _recorder.Actions[^1]);
    }

    /// <summary>Of a daemon started by hand the guardian has no process to replace.</summary>
    [Fact]
    public void Daemon_of_somebody_else_must_not_get_a_next_one()
    {
        var supervisor = new DaemonSupervisor(_recorder, new DaemonLimits(false, 200 * Ms, 1000 * Ms, 30_000 * Ms), _now);
        supervisor.Connected(_now);
        _sign = _now;
        Advance(supervisor, 900);
        Assert.DoesNotContain("start ahead", _recorder.Actions);
    }

    [Fact]
    public void Daemon_that_has_given_no_sign_yet_must_not_get_a_next_one_beside_its_start()
    {
        DaemonSupervisor supervisor = Connected();
        Advance(supervisor, 999);
        Assert.DoesNotContain("start ahead", _recorder.Actions);
        Advance(supervisor, 2);
        Assert.Contains(_recorder.Actions, a => a.StartsWith("kill", StringComparison.Ordinal));
    }

    [Fact]
    public void Look_must_be_due_at_half_the_limit_after_the_newest_sign_and_at_the_whole()
    {
        DaemonSupervisor supervisor = Answering();
        long signed = _sign;
        Assert.Equal(signed + (500 * Ms), supervisor.NextDue);
        _sign = _now += 400 * Ms;
        supervisor.Tick(_now, _sign);
        Assert.Equal(_sign + (500 * Ms), supervisor.NextDue);
        Advance(supervisor, 900);
        Assert.Equal(_sign + (1000 * Ms), supervisor.NextDue);
    }

    [Fact]
    public void Hang_limit_must_be_counted_from_the_last_sign_of_life()
    {
        DaemonSupervisor supervisor = Answering();
        Advance(supervisor, 137);
        _sign = _now;
        Advance(supervisor, 999);
        Assert.DoesNotContain(_recorder.Actions, a => a.StartsWith("kill", StringComparison.Ordinal));
        Advance(supervisor, 1);
        Assert.Contains(_recorder.Actions, a => a.StartsWith("kill no sign of life for 1000 ms", StringComparison.Ordinal));
    }

    [Fact]
    public void Time_in_which_the_guardian_itself_stood_still_must_not_count()
    {
        DaemonSupervisor supervisor = Answering();
        _now += 10_000 * Ms;
        supervisor.Tick(_now, _sign);
        Assert.DoesNotContain("start ahead", _recorder.Actions);
        Advance(supervisor, 790);
        Assert.DoesNotContain(_recorder.Actions, a => a.StartsWith("kill", StringComparison.Ordinal));
        _sign = _now;
        Advance(supervisor, 900);
        Assert.DoesNotContain(_recorder.Actions, a => a.StartsWith("kill", StringComparison.Ordinal));
        Advance(supervisor, 100);
        Assert.Contains(_recorder.Actions, a => a.StartsWith("kill", StringComparison.Ordinal));
    }

    /// <summary>Several times in a row, as on a machine whose host takes its processors away: nothing of it is added up.</summary>
    [Fact]
    public void Daemon_that_hangs_must_be_killed_although_the_guardian_stands_still_now_and_then()
    {
        DaemonSupervisor supervisor = Answering();
        for (int i = 0; i < 4; i++)
        {
            _now += 3000 * Ms;
            supervisor.Tick(_now, _sign);
            Advance(supervisor, 700);
            Assert.DoesNotContain(_recorder.Actions, a => a.StartsWith("kill", StringComparison.Ordinal));
        }

        Advance(supervisor, 100);
        Assert.Contains(_recorder.Actions, a => a.StartsWith("kill", StringComparison.Ordinal));
    }

    [Fact]
    public void Hang_must_be_found_by_a_guardian_that_is_late_at_every_look()
    {
        DaemonSupervisor supervisor = Answering();
        for (int i = 0; i < 7; i++)
        {
            _now = supervisor.NextDue + (300 * Ms);
            supervisor.Tick(_now, _sign);
        }

        Assert.Contains(_recorder.Actions, a => a.StartsWith("kill", StringComparison.Ordinal));
    }

    /// <summary>Only what comes after the planned look shows that the guardian stood still, so no look may be planned for long ahead.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Standstill_that_ends_just_after_a_planned_look_must_not_kill(bool hasProcess)
    {
        var supervisor = new DaemonSupervisor(_recorder, new DaemonLimits(hasProcess, 200 * Ms, 1000 * Ms, 30_000 * Ms), _now);
        supervisor.Tick(_now, _sign);
        supervisor.Connected(_now);
        supervisor.Tick(_now, _sign);
        for (int stood = 1; stood < 2000; stood++)
        {
            _alive = true;
            Advance(supervisor, 2001);
            _alive = false;
            _now += stood * Ms;
            if (_now >= supervisor.NextDue)
                supervisor.Tick(_now, _sign);
            Assert.DoesNotContain(_recorder.Actions, a => a.StartsWith("kill", StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData(900, false)]
    [InlineData(1001, true)]
    public void Signs_may_lag_by_less_than_the_limit(int between, bool isKilled)
    {
        DaemonSupervisor supervisor = Answering();
        for (int i = 0; i < 20; i++)
        {
            Advance(supervisor, between);
            _sign = _now;
        }

        Assert.Equal(isKilled, _recorder.Actions.Exists(a => a.StartsWith("kill", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(3_600_000)]
    public void Sign_of_an_earlier_daemon_or_from_the_future_must_not_count(long milliseconds)
    {
        DaemonSupervisor supervisor = Connected();
        _sign = _now + (milliseconds * Ms);
        Advance(supervisor, 1000);
        Assert.Contains(_recorder.Actions, a => a.StartsWith("kill", StringComparison.Ordinal));
        Assert.DoesNotContain("start ahead", _recorder.Actions);
    }

    [Fact]
    public void Server_must_be_made_safe_at_the_fifth_death_within_ten_seconds()
    {
        DaemonSupervisor supervisor = Supervisor();
        for (int death = 1; death <= 5; death++)
        {
            supervisor.Tick(_now, _sign);
            supervisor.Connected(_now);
            _alive = true;
            Advance(supervisor, 1500);
            Assert.DoesNotContain("give up", _recorder.Actions);
            supervisor.Exited(_now, "exit code 3");
        }

        Assert.Equal(5, _recorder.Actions.Count(a => a == "start"));
        Assert.Contains("give up", _recorder.Actions);
        Assert.Equal(DaemonState.Gone, supervisor.State);
        Advance(supervisor, 9_000);
        Assert.Equal(5, _recorder.Actions.Count(a => a == "start"));
        Advance(supervisor, 1_100);
        Assert.Equal(6, _recorder.Actions.Count(a => a == "start"));
        supervisor.Connected(_now);
        Assert.Equal(DaemonState.Running, supervisor.State);
    }

    [Fact]
    public void Server_must_stay_in_service_when_the_deaths_are_spread_out()
    {
        DaemonSupervisor supervisor = Supervisor();
        for (int death = 1; death <= 20; death++)
        {
            supervisor.Tick(_now, _sign);
            supervisor.Connected(_now);
            supervisor.Tick(_now, _now);
            _now += 2_600 * Ms;
            supervisor.Exited(_now, "exit code 3");
        }

        Assert.DoesNotContain("give up", _recorder.Actions);
    }

    [Fact]
    public void Server_must_be_made_safe_when_the_daemon_is_not_back_within_the_restart_limit()
    {
        DaemonSupervisor supervisor = Connected();
        supervisor.Exited(_now, "exit code 3");
        supervisor.Tick(_now, _sign);
        Advance(supervisor, 29_999);
        Assert.DoesNotContain("give up", _recorder.Actions);
        Advance(supervisor, 1);
        Assert.Contains("give up", _recorder.Actions);
        Assert.Contains(_recorder.Actions, a => a.StartsWith("kill", StringComparison.Ordinal));
    }

    [Fact]
    public void Daemon_that_cannot_be_started_must_not_spin()
    {
        _recorder.StartWorks = false;
        DaemonSupervisor supervisor = Supervisor();
        for (int i = 0; i < 450; i++)
        {
            supervisor.Tick(_now, _sign);
            _now += Ms;
        }

        Assert.Equal(5, _recorder.Actions.Count(a => a == "start"));
        Assert.Contains("give up", _recorder.Actions);
    }

    [Fact]
    public void Next_due_must_never_lie_behind_what_tick_has_done()
    {
        DaemonSupervisor supervisor = Supervisor();
        for (int i = 0; i < 500; i++)
        {
            supervisor.Tick(_now, _sign);
            long due = supervisor.NextDue;
            if (i % 11 < 6)
                _sign = _now;
            Assert.True(due > _now, $"step {i}: due {due} at {_now} would spin");
            _now = Math.Min(due, _now + (700 * Ms));
            if (i % 37 == 3)
                supervisor.Connected(_now);
            if (i % 53 == 5)
                supervisor.Exited(_now, "exit code 3");
        }
    }

    private DaemonSupervisor Supervisor() =>
        new(_recorder, new DaemonLimits(true, 200 * Ms, 1000 * Ms, 30_000 * Ms), _now);

    [Fact]
    public void Hang_and_return_must_be_reported_and_the_first_connection_not()
    {
        DaemonSupervisor supervisor = Connected();
        Assert.Empty(_recorder.Incidents);
        Advance(supervisor, 1000);
        supervisor.Exited(_now, "exit code 3");
        supervisor.Tick(_now, _sign);
        supervisor.Connected(_now);

        Assert.Equal(
            [
                (IncidentKind.DaemonHung, "1000 ms", ""), (IncidentKind.DaemonDied, "exit code 3", ""), (IncidentKind.DaemonStarted, "", ""),
                (IncidentKind.DaemonRestarted, "1", "5"),
            ],
            _recorder.Incidents);
    }

    [Fact]
    public void End_that_somebody_asked_for_must_be_reported_as_a_start_only()
    {
        DaemonSupervisor supervisor = Connected();
        supervisor.Exited(_now, null);
        Advance(supervisor, 150);
        Assert.Equal([IncidentKind.DaemonStarted], _recorder.Incidents.Select(i => i.Kind));
    }

    [Fact]
    public void Daemon_that_never_becomes_ready_must_be_reported_at_each_death_until_it_is_given_up()
    {
        DaemonSupervisor supervisor = Supervisor();
        for (int i = 0; i < 8; i++)
        {
            Advance(supervisor, 10_100);
            for (int quick = 0; quick < 5; quick++)
            {
                supervisor.Exited(_now, "exit code 78");
                Advance(supervisor, 150);
            }
        }

        IncidentKind[] told = [.. _recorder.Incidents.Select(i => i.Kind)];
        Assert.Equal(5, told.Count(k => k == IncidentKind.DaemonNotReady));
        Assert.Equal(4, told.Count(k => k == IncidentKind.DaemonStarted));
        Assert.DoesNotContain(IncidentKind.DaemonDied, told);
        Assert.Equal(IncidentKind.DaemonGivenUp, told[^1]);
        Assert.Equal("exit code 78", _recorder.Incidents[0].First);
    }

    [Fact]
    public void Give_up_must_be_reported_once_with_its_deaths()
    {
        DaemonSupervisor supervisor = Connected();
        for (int i = 0; i < 5; i++)
        {
            supervisor.Exited(_now, "exit code 3");
            Advance(supervisor, 150);
        }

        Assert.Equal((IncidentKind.DaemonGivenUp, "5", "10 s"), Assert.Single(_recorder.Incidents, r => r.Kind == IncidentKind.DaemonGivenUp));
    }

    private DaemonSupervisor Connected()
    {
        DaemonSupervisor supervisor = Supervisor();
        supervisor.Tick(_now, _sign);
        supervisor.Connected(_now);
        supervisor.Tick(_now, _sign);
        return supervisor;
    }

    private DaemonSupervisor Answering()
    {
        DaemonSupervisor supervisor = Connected();
        _sign = _now;
        supervisor.Tick(_now, _sign);
        return supervisor;
    }

    /// <summary>Ticks when it is due, as the guardian does; a daemon that is <see cref="_alive"/> gives a sign every 200 ms.</summary>
    private void Advance(DaemonSupervisor supervisor, long milliseconds)
    {
        for (long i = 0; i < milliseconds; i++)
        {
            _now += Ms;
            if (_alive && _now % (200 * Ms) == 0)
                _sign = _now;
            if (_now < supervisor.NextDue)
                continue;
            _looks++;
            supervisor.Tick(_now, _sign);
        }
    }

    private sealed class Recorder : IDaemonActions
    {
        public List<string> Actions { get; } = [];

        public bool StartWorks { get; set; } = true;

        public bool StartDaemon()
        {
            Actions.Add("start");
            return StartWorks;
        }

        public void StartAhead() => Actions.Add("start ahead");

        public void DropAhead() => Actions.Add("drop ahead");

        public void KillDaemon(string reason) => Actions.Add("kill " + reason);

        public List<(IncidentKind Kind, string First, string Second)> Incidents { get; } = [];

        public void Report(IncidentKind kind, string first, string second, string third) => Incidents.Add((kind, first, second));

        public void GiveUp(string reason) => Actions.Add("give up");

        public void DaemonStateChanged(DaemonState state) => Actions.Add("state " + state);
    }
}
