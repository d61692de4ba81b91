using ClusterActors.Model;
using ClusterActors.Model.Resources;
using ClusterActors.Resources.Exec;

namespace ClusterActors.Resources.Tests;

public sealed class ExecResourceTests
{
    private static readonly string[] StartProgram = ["/bin/start", "with space"];
    private static readonly string[] StopProgram = ["/bin/stop"];
    private readonly ExecResourceType _type = new();
    private readonly ManualTime _time = new();
    private readonly FakeHost _host;

    public ExecResourceTests() => _host = new FakeHost(_time);

    private (IResource Resource, ResourceConfig Config) Create(params (string, object)[] values)
    {
        var config = Given.Resource(_type, [("start", StartProgram), .. values]);
        return (_type.Create(config, _host), config);
    }

    [Fact]
    public async Task Sync_start_must_succeed_when_the_program_ends_with_zero()
    {
        _host.OnStart = _ => 0;
        var (resource, config) = Create();
        var outcome = await resource.StartAsync(Given.Start(config), default);
        Assert.True(outcome.Succeeded);
        Assert.True(_host.OnlyProgram.Helper);
        Assert.Equal(StartProgram, _host.OnlyProgram.Arguments);
    }

    [Fact]
    public async Task Sync_start_must_fail_and_kill_everything_when_the_program_fails()
    {
        _host.OnStart = _ => 7;
        var (resource, config) = Create();
        var outcome = await resource.StartAsync(Given.Start(config), default);
        Assert.False(outcome.Succeeded);
        Assert.Contains("exit code 7", outcome.Sentence, StringComparison.Ordinal);
        Assert.Contains("kill", _host.Calls);
    }

    [Fact]
    public async Task Sync_start_must_fail_and_kill_everything_when_the_timeout_is_over()
    {
        var (resource, config) = Create(("start-timeout", TimeSpan.FromSeconds(5)));
        var start = resource.StartAsync(Given.Start(config), default);
        Assert.False(start.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(5));
        var outcome = await start.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.False(outcome.Succeeded);
        Assert.Contains("did not end within 5 s", outcome.Sentence, StringComparison.Ordinal);
        Assert.Equal(TimeSpan.FromSeconds(5), outcome.KilledAfter);
        Assert.Contains("kill", _host.Calls);
    }

    [Fact]
    public async Task Async_start_must_answer_running_when_its_ticket_is_live()
    {
        var (resource, config) = Create(("mode", "async"));
        await resource.StartAsync(Given.Start(config), default);
        var second = await resource.StartAsync(Given.Start(config), default);
        Assert.Contains("was running", second.Sentence, StringComparison.Ordinal);
        Assert.Equal(ResourceHealth.Running, (await resource.CheckAsync(Given.Start(config), default)).Health);
    }

    [Fact]
    public async Task Watch_must_complete_with_failure_when_an_async_program_ends()
    {
        var (resource, config) = Create(("mode", "async"));
        await resource.StartAsync(Given.Start(config), default);
        var watch = resource.WatchAsync(Given.Start(config), default);
        Assert.False(watch.IsCompleted);
        _host.End("ticket-1", 3);
        var outcome = await watch.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.Equal(ResourceHealth.Failed, outcome.Health);
        Assert.Contains("exit code 3", outcome.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stop_must_ask_with_sigterm_before_it_kills_when_no_stop_program_is_given()
    {
        var (resource, config) = Create(("mode", "async"));
        await resource.StartAsync(Given.Start(config), default);
        var outcome = await resource.StopAsync(Given.Stop(config), default);
        Assert.True(outcome.Succeeded);
        Assert.Null(outcome.KilledAfter);
        Assert.Equal(["start /bin/start", "signal 15", "kill"], _host.Calls);
    }

    [Fact]
    public async Task Stop_must_say_that_it_killed_when_the_service_does_not_end_at_sigterm()
    {
        _host.IgnoresSignals = true;
        var (resource, config) = Create(("mode", "async"), ("stop-timeout", TimeSpan.FromSeconds(5)));
        await resource.StartAsync(Given.Start(config), default);
        var stop = resource.StopAsync(Given.Stop(config), default);
        Assert.False(stop.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(5));
        var outcome = await stop.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.True(outcome.Succeeded);
        Assert.Equal(TimeSpan.FromSeconds(5), outcome.KilledAfter);
        Assert.Equal("kill", _host.Calls[^1]);
    }

    [Fact]
    public async Task Stop_must_fail_but_leave_nothing_running_when_the_stop_program_fails()
    {
        _host.OnStart = request => request.Arguments[0] == "/bin/stop" ? 1 : null;
        var (resource, config) = Create(("mode", "async"), ("stop", StopProgram));
        await resource.StartAsync(Given.Start(config), default);
        var outcome = await resource.StopAsync(Given.Stop(config), default);
        Assert.False(outcome.Succeeded);
        Assert.Equal("kill", _host.Calls[^1]);
        Assert.Equal(ResourceHealth.Stopped, (await resource.CheckAsync(Given.Start(config), default)).Health);
    }

    [Fact]
    public async Task Forced_stop_must_skip_the_stop_program()
    {
        var (resource, config) = Create(("mode", "async"), ("stop", StopProgram));
        await resource.StartAsync(Given.Start(config), default);
        Assert.True((await resource.StopAsync(Given.Stop(config, force: true), default)).Succeeded);
        Assert.Equal(["start /bin/start", "kill"], _host.Calls);
    }

    [Theory]
    [InlineData(0, ResourceHealth.Running)]
    [InlineData(7, ResourceHealth.Stopped)]
    [InlineData(null, ResourceHealth.Stopped)]
    public async Task Sync_start_cut_short_must_count_only_when_its_program_had_ended_with_zero(int? exitCode, ResourceHealth health)
    {
        _host.OnStart = _ => exitCode;
        var (resource, config) = Create();
        using var daemonEnds = new CancellationTokenSource();
        var start = resource.StartAsync(Given.Start(config), daemonEnds.Token);
        await daemonEnds.CancelAsync();
        await Task.WhenAny(start);
        _host.Calls.Clear();
        Assert.Equal(health, (await resource.CheckAsync(Given.Start(config) with { CutShort = "ticket-" }, default)).Health);
        Assert.Equal(health == ResourceHealth.Stopped, _host.Calls.Contains("kill"));
        Assert.Null(await _host.FindHelperAsync(Given.Group, config.Name, default));
    }

    [Fact]
    public async Task Exit_of_another_start_must_not_count_for_the_one_cut_short()
    {
        _host.OnStart = _ => 0;
        var (resource, config) = Create();
        await resource.StartAsync(Given.Start(config), default);
        Assert.Equal(ResourceHealth.Stopped, (await resource.CheckAsync(Given.Start(config) with { CutShort = "later-" }, default)).Health);
    }

    [Fact]
    public async Task Stop_must_go_on_with_a_stop_program_that_runs_still()
    {
        var (resource, config) = Create(("stop", StopProgram));
        using var daemonEnds = new CancellationTokenSource();
        var cutShort = resource.StopAsync(Given.Stop(config), daemonEnds.Token);
        await daemonEnds.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cutShort);
        var stop = resource.StopAsync(Given.Stop(config), default);
        Assert.Equal(["start /bin/stop"], _host.Calls);
        _host.End((await _host.FindHelperAsync(Given.Group, config.Name, default))!.Ticket, 0);
        Assert.True((await stop.WaitAsync(TimeSpan.FromSeconds(10))).Succeeded);
        Assert.Equal(["start /bin/stop", "kill"], _host.Calls);
    }

    [Fact]
    public async Task Stop_must_end_a_start_program_that_runs_still_before_its_own()
    {
        _host.OnStart = request => request.Arguments[0] == "/bin/stop" ? 0 : null;
        var (resource, config) = Create(("stop", StopProgram));
        using var superseded = new CancellationTokenSource();
        var start = resource.StartAsync(Given.Start(config), superseded.Token);
        await superseded.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => start);
        Assert.True((await resource.StopAsync(Given.Stop(config), default)).Succeeded);
        Assert.Equal(["start /bin/start", "kill", "start /bin/stop", "kill"], _host.Calls);
    }

    [Theory]
    [InlineData(StartCause.Start, "START")]
    [InlineData(StartCause.Failover, "FAILOVER")]
    [InlineData(StartCause.Restart, "RECOVER")]
    public async Task Program_must_get_the_documented_environment(StartCause cause, string expected)
    {
        var (resource, config) = Create(("mode", "async"), ("environment", new Dictionary<string, string> { ["MINE"] = "1" }));
        await resource.StartAsync(Given.Start(config, cause), default);
        var environment = _host.OnlyProgram.Environment;
        Assert.Equal(expected, environment["CLP_EVENT"]);
        Assert.Equal("HOME", environment["CLP_SERVER"]);
        Assert.Equal("payroll", environment["CLP_GROUPNAME"]);
        Assert.Equal("r", environment["CLP_RESOURCENAME"]);
        Assert.Equal("1", environment["CLP_ATTEMPT"]);
        Assert.Equal("1", environment["MINE"]);
    }

    [Fact]
    public void Validation_must_name_every_problem()
    {
        var config = Given.Resource(_type,
            ("start", new[] { "relative" }), ("contain", "pid-namespace"), ("environment", new Dictionary<string, string> { ["CLP_EVENT"] = "x" }));
        var problems = _type.Validate(config, null!).ToList();
        Assert.Equal(3, problems.Count);
        Assert.Contains(problems, p => p.Contains("absolute path", StringComparison.Ordinal));
        Assert.Contains(problems, p => p.Contains("mode = async", StringComparison.Ordinal));
        Assert.Contains(problems, p => p.Contains("CLP_EVENT", StringComparison.Ordinal));
    }

    [Fact]
    public void Validation_must_refuse_what_does_not_fit_an_order_to_the_guardian()
    {
        var config = Given.Resource(_type,
            ("start", new[] { "/bin/true", new string('a', 40_000) }), ("stop", new[] { "/bin/true" }),
            ("environment", new Dictionary<string, string> { ["TEXT"] = new('b', 20_000) }));

        Assert.Equal("start and environment are 60020 bytes together; at most 57328 go to the guardian with one order: put the text into a file and name the file",
            Assert.Single(_type.Validate(config, null!)));
    }
}
