using System.Text.Json;
using ClusterActors.Cli.Tests.Support;
using ClusterActors.Control;
using ClusterActors.Control.Identity;

namespace ClusterActors.Cli.Tests;

/// <summary>The commands that make a cluster, each server in a root of its own.</summary>
public sealed class ClusterCommandTests : IDisposable
{
    private const string Pair = """
        cluster { name = pair, on-partition = hold }
        servers { server1 { addresses = ["10.0.0.1"] }, server2 { addresses = ["10.0.0.2"] } }
        heartbeats { lan1 { type = lan, network = 10.0.0.0/24 } }
        """;

    private readonly TestRoot _first = new();
    private readonly TestRoot _second = new();

    public void Dispose()
    {
        _first.Dispose();
        _second.Dispose();
    }

    [Fact]
    public async Task Servers_must_be_of_one_cluster_when_init_and_join_have_ended()
    {
        await File.WriteAllTextAsync(_first.ClusterConf, Pair);
        using var said = new TokenWriter();
        var init = _first.RunAsync(said, "cluster", "init", "--listen", "127.0.0.1:0");
        var join = await _second.RunAsync("cluster", "join", await said.Token, "--server", "server2");
        var ended = await init;
        Assert.Equal((0, 0), (ended.Code, join.Code));
        Assert.Contains("1 of 1 servers joined", ended.Out);
        Assert.StartsWith("server2 joined cluster ", join.Out);
        using var first = ClusterIdentity.Load(_first.Path);
        using var second = ClusterIdentity.Load(_second.Path);
        Assert.Equal(first.ClusterId, second.ClusterId);
        Assert.Equal(Pair, File.ReadAllText(_second.ClusterConf));
    }

    [Fact]
    public async Task Included_files_must_be_on_every_server_when_init_and_join_have_ended()
    {
        // Given from elsewhere: both included files lie beside it, one in a folder; the third is nowhere that a join would carry it from.
        var given = Directory.CreateDirectory(Path.Combine(_first.Path, "given/conf.d")).Parent!.FullName;
        var foreign = Path.Combine(_first.Path, "foreign.conf");
        var conf = Pair + $"\ninclude \"timing.conf\"\ninclude \"conf.d/more.conf\"\ninclude \"{foreign}\"\n";
        await File.WriteAllTextAsync(Path.Combine(given, "pair.conf"), conf);
        await File.WriteAllTextAsync(Path.Combine(given, "timing.conf"), "cluster.wait-for-servers = 1m\n");
        await File.WriteAllTextAsync(Path.Combine(given, "conf.d/more.conf"), "definitions.a = 1\n");
        await File.WriteAllTextAsync(foreign, "definitions.b = 1\n");
        using var said = new TokenWriter();
        var init = _first.RunAsync(said, "cluster", "init", "--conf", Path.Combine(given, "pair.conf"), "--listen", "127.0.0.1:0");
        var join = await _second.RunAsync("cluster", "join", await said.Token, "--server", "server2");
        var ended = await init;
        Assert.Equal((0, 0), (ended.Code, join.Code));
        foreach (var root in new[] { _first, _second })
        {
            Assert.Equal(conf, File.ReadAllText(root.ClusterConf));
            Assert.Equal("cluster.wait-for-servers = 1m\n", File.ReadAllText(Path.Combine(root.Path, "etc/clp/timing.conf")));
            Assert.Equal("definitions.a = 1\n", File.ReadAllText(Path.Combine(root.Path, "etc/clp/conf.d/more.conf")));
        }

        Assert.Contains($"{foreign}: included, but neither below", ended.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Init_must_keep_what_is_there_when_it_runs_again()
    {
        var conf = Path.Combine(_first.Path, "given.conf");
        await File.WriteAllTextAsync(conf, Pair);
        var made = await _first.RunAsync("cluster", "init", "--no-wait", "--conf", conf);
        Assert.Equal((0, Pair), (made.Code, File.ReadAllText(_first.ClusterConf)));
        Assert.Contains("made the authority", made.Out);
        Assert.Contains("is kept", (await _first.RunAsync("cluster", "init", "--no-wait")).Out);
        await File.WriteAllTextAsync(conf, Pair + "# changed\n");
        Assert.Equal(2, (await _first.RunAsync("cluster", "init", "--no-wait", "--conf", conf)).Code);
        Assert.Equal(Pair, File.ReadAllText(_first.ClusterConf));
    }

    [Fact]
    public async Task Init_must_make_nothing_when_the_configuration_is_wrong()
    {
        await File.WriteAllTextAsync(_first.ClusterConf, Pair.Replace("on-partition = hold", "typo = 1", StringComparison.Ordinal));
        var run = await _first.RunAsync("cluster", "init");
        Assert.Equal(1, run.Code);
        Assert.Contains("cluster.conf:1: ", run.Error);
        Assert.False(Directory.Exists(new IdentityPaths(_first.Path).Directory));
    }

    [Fact]
    public async Task Start_alone_must_carry_its_reason()
    {
        await using var api = new StubApi(_first.SocketPath, _ =>
            [StubApi.Json(JsonSerializer.Serialize(new CommandReply(ExitCode.Done, "the wait is over", null, [], ["the wait is over"]), ControlJson.Default.CommandReply))]);
        Assert.Equal(new CommandRun(0, "the wait is over\n", ""), await _first.RunAsync("cluster", "start", "--alone", "--reason", "server2 has no power"));
        Assert.Contains("server2 has no power", Assert.Single(api.Requests).Body);
    }

    [Fact]
    public async Task Start_alone_that_is_refused_must_fail_and_say_why()
    {
        const string Why = "no server is waited for, and none is silent to all";
        await using var api = new StubApi(_first.SocketPath, _ =>
            [StubApi.Json(JsonSerializer.Serialize(new CommandReply(ExitCode.Refused, Why, null, [], [Why]), ControlJson.Default.CommandReply))]);
        var run = await _first.RunAsync("cluster", "start", "--alone", "--reason", "server2 has no power");
        Assert.Equal((int)ExitCode.Refused, run.Code);
        Assert.Contains(Why, run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, 0)]
    [InlineData(false, 4)]
    public async Task Check_must_fail_when_one_result_does(bool good, int code)
    {
        var report = new CheckReport([new("server1", "server2", "port 29001/tcp", true, "answers"), new("server2", "server1", "lan1", good, "beats arrive")]);
        await using var api = new StubApi(_first.SocketPath, _ => [StubApi.Json(JsonSerializer.Serialize(report, ControlJson.Default.CheckReport))]);
        var run = await _first.RunAsync("cluster", "check");
        Assert.Equal(code, run.Code);
        Assert.Contains(good ? "all 2 checks passed" : "1 of 2 checks failed", run.Out);
    }
}
