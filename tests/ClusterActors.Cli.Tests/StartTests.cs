using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using ClusterActors.Cli.Commands;
using ClusterActors.Cli.Parsing;
using ClusterActors.Cli.Starting;
using ClusterActors.Cli.Tests.Support;
using ClusterActors.Control;
using ClusterActors.Control.Identity;
using ClusterActors.Control.Starting;

namespace ClusterActors.Cli.Tests;

/// <summary><c>clpcl -s</c> here, on another server through its starter, and on all: each server in a root of its own, over loopback.</summary>
public sealed class StartTests : IDisposable
{
    private readonly TestRoot _first = new();
    private readonly TestRoot _second = new();
    private readonly Socket _listener = ListeningSocket.Open(new IPEndPoint(IPAddress.Parse("127.0.0.2"), 0));
    private readonly CancellationTokenSource _end = new(TimeSpan.FromSeconds(60));
    private readonly List<string> _said = [];
    private StartReply _reply = new(true, false, "");
    private int _orders;

    public StartTests() => File.WriteAllText(_first.ClusterConf, $$"""
        cluster { name = pair, on-partition = hold, ports.starter = {{Port}} }
        servers { server1 { addresses = ["10.0.0.1", "10.0.1.1"] }, server2 { addresses = ["10.0.0.2", "10.0.1.2"] } }
        heartbeats { public { type = lan, network = 10.0.0.0/24, priority = 2 }, private { type = lan, network = 10.0.1.0/24, priority = 1 } }
        """);

    private int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

    public void Dispose()
    {
        _end.Cancel();
        _end.Dispose();
        _listener.Dispose();
        _first.Dispose();
        _second.Dispose();
    }

    [Fact]
    public async Task Start_of_all_must_reach_every_server()
    {
        await JoinAsync();
        Hook(_first, "echo started > $0.ran");
        var serving = ServeAsync();
        var reply = await StartBothAsync("-w", "0", "--reason", "after the move");
        Assert.Equal((ExitCode.StillRunning, "still starting: server1, server2"), (reply.Code, reply.Message));
        Assert.Equal([new("server1", true, "is being started"), new("server2", true, "is being started")], reply.Lines);
        Assert.True(File.Exists(Path.Combine(_first.Path, "etc/clp/start-guardian.ran")));
        await EndAsync(serving);
        Assert.Equal(1, _orders);
        Assert.Equal(["127.0.0.1: server1 orders the start of this server (after the move)", "127.0.0.1: the guardian is being started"], _said);
    }

    [Fact]
    public async Task A_server_that_runs_already_must_not_be_waited_for()
    {
        await JoinAsync();
        _reply = new(true, true, "");
        await using var api = new StubApi(_first.SocketPath, _ => [StubApi.Json(Status("Running"))]);
        var serving = ServeAsync();
        var reply = await StartBothAsync();
        Assert.Equal(ExitCode.Done, reply.Code);
        Assert.All(reply.Lines, line => Assert.Equal("Command succeeded: it ran already.", line.Message));
        await EndAsync(serving);
    }

    /// <summary>As after <c>clpcl -t</c>, which does not wait: the daemon still answers, and would end after a success was told.</summary>
    [Fact]
    public async Task A_server_that_is_being_stopped_must_be_waited_for_and_not_be_told_as_running()
    {
        Hook(_first, "true");
        var asked = 0;
        await using var api = new StubApi(_first.SocketPath, _ => [StubApi.Json(Status(Interlocked.Increment(ref asked) < 4 ? "Stopping" : "Running"))]);
        var refused = await _first.RunAsync("cl", "-s", "-w", "0");
        Assert.Equal(2, refused.Code);
        Assert.StartsWith("Start server1 : Failed: it is being stopped; order the start again", refused.Error, StringComparison.Ordinal);
        Assert.Equal(new CommandRun(0, "Start server1 : Command succeeded.\n", ""), await _first.RunAsync("cl", "-s"));
        Assert.Equal(4, asked);
    }

    [Fact]
    public async Task A_server_that_does_not_come_up_must_be_told_with_where_to_look()
    {
        Hook(_first, "echo again >> $0.ran");
        var run = await _first.RunAsync("cl", "-s", "-w", "2.5");
        Assert.Equal(5, run.Code);
        Assert.Matches("Start server1 : not up after 2.5 s: .*; journalctl -u clp-guardian there tells more", run.Out);
        // Given again: one that was just ending when the first order came has taken no notice of it.
        Assert.Equal("again\nagain\n", await File.ReadAllTextAsync(Path.Combine(_first.Path, "etc/clp/start-guardian.ran")));
    }

    [Fact]
    public async Task A_hook_whose_child_keeps_the_output_must_not_be_waited_for()
    {
        Hook(_first, "sleep 20 & echo $! > $0.child; exit 1");
        var run = await _first.RunAsync("cl", "-s");
        var child = File.ReadAllText(Path.Combine(_first.Path, "etc/clp/start-guardian.child")).Trim();
        try
        {
            Assert.Contains("ended with 1: (it left its output open)", run.Error, StringComparison.Ordinal);
            Assert.True(Directory.Exists($"/proc/{child}"), "what the hook has started was killed");
        }
        finally
        {
            System.Diagnostics.Process.GetProcessById(int.Parse(child, System.Globalization.CultureInfo.InvariantCulture)).Kill();
        }
    }

    [Fact]
    public async Task A_reason_must_not_write_lines_of_its_own()
    {
        await JoinAsync();
        var serving = ServeAsync();
        await _first.RunAsync("cl", "-s", "--host", $"127.0.0.2:{Port}", "-w", "0", "--reason", "a\n10.0.0.9: server9 orders\u001b[2J");
        await EndAsync(serving);
        Assert.Contains("(a?10.0.0.9: server9 orders?[2J)", _said[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_cannot_be_started_must_be_named_with_its_reason()
    {
        await JoinAsync();
        Hook(_first, "true");
        _reply = new(false, false, "the unit is masked");
        var serving = ServeAsync();
        var reply = await StartBothAsync("-w", "0");
        Assert.Equal((ExitCode.Partial, "not started: server2"), (reply.Code, reply.Message));
        Assert.Equal([new("server1", true, "is being started"), new("server2", false, "Failed: the unit is masked")], reply.Lines);
        await EndAsync(serving);
    }

    [Fact]
    public async Task A_server_without_a_starter_must_be_told_with_what_to_do()
    {
        await JoinAsync();
        Hook(_first, "true");
        _listener.Dispose();
        var reply = await StartBothAsync("-w", "0");
        Assert.Equal(ExitCode.Partial, reply.Code);
        Assert.Contains("127.0.0.2: Connection refused", reply.Lines[1].Message, StringComparison.Ordinal);
        Assert.Contains("clp-starter.socket", reply.Lines[1].Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_other_server_must_be_started_by_its_address()
    {
        await JoinAsync();
        var serving = ServeAsync();
        var run = await _first.RunAsync("cl", "-s", "--host", $"127.0.0.2:{Port}", "-w", "0");
        Assert.Equal((5, "Start server2 : is being started\n"), (run.Code, run.Out));
        Assert.Equal(1, (await _first.RunAsync("cl", "-s", "-a", "--host", "127.0.0.2")).Code);
        await EndAsync(serving);
    }

    [Fact]
    public async Task A_member_of_another_cluster_must_not_start_anything()
    {
        Assert.Equal(0, (await _first.RunAsync("cluster", "init", "--no-wait")).Code);
        using (IdentityMaker.OpenOrCreate(new IdentityPaths(_second.Path), "other", "server2", [IPAddress.Loopback], TimeProvider.System))
        {
            var serving = ServeAsync();
            var run = await _first.RunAsync("cl", "-s", "--host", $"127.0.0.2:{Port}");
            Assert.NotEqual(0, run.Code);
            Assert.Empty(run.Out);
            await EndAsync(serving);
        }

        Assert.Equal(0, _orders);
    }

    [Fact]
    public async Task A_wrong_server_behind_an_address_must_not_be_started()
    {
        Assert.Equal(0, (await _first.RunAsync("cluster", "init", "--no-wait")).Code);
        using var identity = ClusterIdentity.Load(_first.Path);
        var serving = ServeAsync(_first.Path);
        var failure = await Assert.ThrowsAsync<ControlException>(() =>
            new StartClient(identity, TimeProvider.System).AskAsync("server2", ["127.0.0.2"], Port, null, _end.Token));
        Assert.Contains("is server1 by its certificate, not server2", failure.Message, StringComparison.Ordinal);
        await EndAsync(serving);
        Assert.Equal(0, _orders);
    }

    [Fact]
    public async Task A_caller_that_says_nothing_must_be_no_news_and_the_starter_must_end_when_nobody_comes()
    {
        var serving = new StartServer(_second.Path, _ => Task.FromResult(_reply), Say, TimeProvider.System).ServeAsync([_listener], TimeSpan.FromMilliseconds(200), _end.Token);
        using (var caller = new Socket(SocketType.Stream, ProtocolType.Tcp))
            await caller.ConnectAsync(IPAddress.Parse("127.0.0.2"), Port, _end.Token);
        await serving;
        Assert.False(_end.IsCancellationRequested);
        Assert.Empty(_said);
    }

    [Theory]
    [InlineData("echo no reason; exit 3", "Start server1 : Failed: {0} ended with 3: \n")]
    [InlineData("echo it is masked >&2; exit 1", "Start server1 : Failed: {0} ended with 1: it is masked\n")]
    public async Task A_hook_that_fails_must_be_told(string script, string error)
    {
        Hook(_first, script);
        var run = await _first.RunAsync("cl", "-s");
        Assert.Equal(2, run.Code);
        Assert.StartsWith(error.Replace("{0}", Path.Combine(_first.Path, "etc/clp/start-guardian"), StringComparison.Ordinal), run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_systemd_and_hook_the_command_must_say_what_to_write()
    {
        var run = await _first.RunAsync("cl", "-s");
        Assert.Equal(2, run.Code);
        Assert.Contains("systemd does not run here; write ", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Dry_run_must_say_whom_it_would_ask_and_ask_nobody()
    {
        Hook(_first, "echo started > $0.ran");
        Assert.Equal(0, (await _first.RunAsync("cluster", "init", "--no-wait")).Code);
        var run = await _first.RunAsync("cl", "-s", "-a", "--dry-run");
        Assert.Equal(0, run.Code);
        Assert.Contains($"server2: would ask the starter at 10.0.1.2 or 10.0.0.2, TCP port {Port}", run.Out, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(_first.Path, "etc/clp/start-guardian.ran")));
    }

    [Fact]
    public async Task Starter_without_a_socket_must_say_how_it_gets_one()
    {
        var run = await _first.RunAsync("starter");
        Assert.Equal(1, run.Code);
        Assert.Contains("clp-starter.socket", run.Error, StringComparison.Ordinal);
    }

    /// <summary>As <c>clpcl -s -a</c> does when the second server's address is one of this machine, which no configuration may have.</summary>
    private Task<CommandReply> StartBothAsync(params string[] options)
    {
        var port = _listener.SafeHandle.IsClosed ? 1 : Port;
        var host = new CliHost(TextWriter.Null, TextWriter.Null, TimeProvider.System, _first.Path, "server1", OutIsTerminal: false);
        var line = CommandLine.Parse(CommandTable.All, ["cl", "-s", "-a", .. options]);
        var invocation = new Invocation(line.Command!, line.Options, line.Operands, host, _end.Token);
        return ClusterStartCommand.StartAsync(
            invocation, [new StartTarget("server1", [], 0, 0), new StartTarget("server2", ["127.0.0.2"], port, 0)], invocation.CommandOptions(30));
    }

    private async Task JoinAsync()
    {
        using var said = new TokenWriter();
        var init = _first.RunAsync(said, "cluster", "init", "--listen", "127.0.0.1:0");
        Assert.Equal(0, (await _second.RunAsync("cluster", "join", await said.Token, "--server", "server2")).Code);
        Assert.Equal(0, (await init).Code);
    }

    private static string Status(string phase) => JsonSerializer.Serialize(Samples.Healthy with { Phase = phase }, ControlJson.Default.ClusterStatus);

    private Task ServeAsync(string? root = null) => new StartServer(root ?? _second.Path, _ =>
    {
        Interlocked.Increment(ref _orders);
        return Task.FromResult(_reply);
    }, Say, TimeProvider.System).ServeAsync([_listener], idle: null, _end.Token);

    private async Task EndAsync(Task serving)
    {
        await _end.CancelAsync();
        await serving;
    }

    private void Say(string sentence)
    {
        lock (_said)
            _said.Add(sentence);
    }

    private static void Hook(TestRoot root, string script)
    {
        var path = Path.Combine(root.Path, "etc/clp/start-guardian");
        File.WriteAllText(path, $"#!/bin/sh\n{script}\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
