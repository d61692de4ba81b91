using System.Text.Json;
using ClusterActors.Cli.Commands;
using ClusterActors.Cli.Tests.Support;
using ClusterActors.Configuration;
using ClusterActors.Control;

namespace ClusterActors.Cli.Tests;

/// <summary><c>--json</c> everywhere, and what the commands without a daemon print with it.</summary>
public sealed class JsonTests : IDisposable
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
    public void Every_command_must_take_json() =>
        Assert.All(CommandTable.All, command => Assert.Contains(command.Options, option => option is { Name: "json", Value: null }));

    [Fact]
    public async Task Reference_must_have_every_key_with_default_and_meaning()
    {
        var keys = (await JsonOf(_first, "config", "reference", "--json")).GetProperty("keys").EnumerateArray().ToArray();
        Assert.Equal(Reference.Config.Entries().Select(entry => entry.Path.ToString()), keys.Select(key => key.GetProperty("key").GetString()));
        Assert.All(keys, key => Assert.True(key.GetProperty("meaning").GetString()!.Length > 8));
        var wait = keys.Single(key => key.GetProperty("key").GetString() == "cluster.wait-for-servers");
        Assert.Equal(
            ("5m", "How long a server that starts waits for the servers it does not hear before it goes on alone. 0s to 24h."),
            (wait.GetProperty("default").GetString(), wait.GetProperty("meaning").GetString()));
        Assert.False(keys[0].TryGetProperty("default", out _), "cluster.name has no default");
    }

    [Fact]
    public async Task Reference_of_a_type_must_have_its_keys()
    {
        var fip = await JsonOf(_first, "config", "reference", "fip", "--json");
        Assert.Equal("fip", fip.GetProperty("type").GetString());
        var ip = fip.GetProperty("keys").EnumerateArray().First();
        Assert.Equal(("ip", true), (ip.GetProperty("key").GetString(), ip.GetProperty("required").GetBoolean()));
        Assert.Contains("prefix length", ip.GetProperty("allowed").GetString(), StringComparison.Ordinal);
        Assert.Equal(3, (await _first.RunAsync("config", "reference", "none", "--json")).Code);
    }

    [Fact]
    public async Task Commands_must_be_the_table()
    {
        var said = await JsonOf(_first, "commands", "--json");
        Assert.Equal(CommandTable.All.Select(command => command.Words), said.GetProperty("commands").EnumerateArray().Select(command => command.GetProperty("name").GetString()));
        Assert.Equal(ExitCodes.All.Select(entry => (int)entry.Code), said.GetProperty("exitCodes").EnumerateArray().Select(entry => entry.GetProperty("code").GetInt32()));
    }

    [Fact]
    public async Task Init_must_tell_each_step_in_a_line_and_join_its_end_in_one()
    {
        await File.WriteAllTextAsync(_first.ClusterConf, Pair);
        using var said = new TokenWriter();
        var init = _first.RunAsync(said, "cluster", "init", "--json", "--listen", "127.0.0.1:0");
        var token = await said.Token;
        var joined = await JsonOf(_second, "cluster", "join", token, "--server", "server2", "--json");
        var steps = (await init).Out.TrimEnd().Split('\n').Select(line => JsonDocument.Parse(line).RootElement).ToArray();
        Assert.Equal(["identity", "token", "join", "join", "end"], steps.Select(step => step.GetProperty("step").GetString()));
        Assert.Equal(token, steps[1].GetProperty("token").GetString());
        Assert.Equal("server2", Assert.Single(steps[^1].GetProperty("joined").EnumerateArray()).GetString());
        Assert.True(steps[0].GetProperty("made").GetBoolean());
        Assert.Equal(steps[0].GetProperty("clusterId").GetGuid(), joined.GetProperty("clusterId").GetGuid());
        Assert.Equal(("server2", false), (joined.GetProperty("server").GetString(), joined.GetProperty("renewed").GetBoolean()));
    }

    [Theory]
    [InlineData("cluster init")]
    [InlineData("witness export")]
    public async Task A_wrong_configuration_must_be_told_as_config_check_tells_it(string command)
    {
        await File.WriteAllTextAsync(_first.ClusterConf, Pair.Replace("on-partition = hold", "typo = 1", StringComparison.Ordinal));
        var run = await _first.RunAsync([.. command.Split(' '), "--json"]);
        Assert.Equal(1, run.Code);
        Assert.False(JsonDocument.Parse(run.Out).RootElement.GetProperty("good").GetBoolean());
    }

    [Fact]
    public async Task Witness_export_must_name_its_file()
    {
        await File.WriteAllTextAsync(_first.ClusterConf, Pair);
        Assert.Equal(0, (await _first.RunAsync("cluster", "init", "--no-wait")).Code);
        var file = Path.Combine(_first.Path, "pair.clpwitness");
        var said = await JsonOf(_first, "witness", "export", file, "--json");
        Assert.Equal((file, "pair", 2), (said.GetProperty("file").GetString(), said.GetProperty("cluster").GetString(), said.GetProperty("servers").GetInt32()));
        Assert.True(File.Exists(file));
    }

    [Fact]
    public async Task Ratio_must_be_shown_as_json()
    {
        var status = JsonSerializer.Serialize(Samples.Troubled, ControlJson.Default.ClusterStatus);
        await using var api = new StubApi(_first.SocketPath, _ => [StubApi.Json(status)]);
        var said = await JsonOf(_first, "toratio", "-s", "--json");
        Assert.Equal((5, "2026-11-26 15:00:00Z"), (said.GetProperty("ratio").GetInt32(), said.GetProperty("until").GetString()));
    }

    private static async Task<JsonElement> JsonOf(TestRoot root, params string[] arguments)
    {
        var run = await root.RunAsync(arguments);
        Assert.Equal((0, ""), (run.Code, run.Error));
        return JsonDocument.Parse(run.Out).RootElement;
    }
}
