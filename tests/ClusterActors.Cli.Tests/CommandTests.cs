using System.Text.Json;
using ClusterActors.Cli.Tests.Support;
using ClusterActors.Control;

namespace ClusterActors.Cli.Tests;

public sealed class CommandTests
{
    private static readonly string Status = JsonSerializer.Serialize(Samples.Healthy, ControlJson.Default.ClusterStatus);

    [Fact]
    public async Task Stat_must_print_the_bytes_of_the_api_when_json_is_asked()
    {
        using var root = new TestRoot();
        await using var api = new StubApi(root.SocketPath, _ => [StubApi.Json(Status)]);
        Assert.Equal(new CommandRun(0, Status + "\n", ""), await root.RunAsync("stat", "--json"));
    }

    [Fact]
    public async Task Stat_must_say_how_to_start_when_no_daemon_runs()
    {
        using var root = new TestRoot();
        var run = await root.RunAsync("stat");
        Assert.Equal(8, run.Code);
        Assert.Contains("clpcl -s", run.Error);
    }

    [Fact]
    public async Task Grp_must_print_the_manuals_lines_and_the_replys_code()
    {
        using var root = new TestRoot();
        var reply = new CommandReply(ExitCode.Partial, "one group could not start", "op1",
            [new("web", true, "Command succeeded."), new("Start batch", false, "no server is left")], ["server1 excluded by 2 failed starts"]);
        await using var api = new StubApi(root.SocketPath, _ => [Reply(reply)]);
        var run = await root.RunAsync("grp", "-s", "-w", "5", "--reason", "test");
        Assert.Equal((4, "Start web : Command succeeded.\n"), (run.Code, run.Out));
        Assert.Equal("Start batch : no server is left\none group could not start\n  because: server1 excluded by 2 failed starts\n", run.Error);
        var asked = Assert.Single(api.Requests);
        Assert.Equal(("POST", "/api/v1/groups/start"), (asked.Method, asked.Path));
        Assert.Equal(new GroupCommand(null, new CommandOptions(5, false, "test")), JsonSerializer.Deserialize(asked.Body, ControlJson.Default.GroupCommand));
    }

    [Theory]
    [InlineData("grp -m web --to server2", "/api/v1/groups/web/move", "server2")]
    [InlineData("grp -m -h server1", "/api/v1/groups/web/move", null)]
    [InlineData("grp -t web -h server1", "/api/v1/groups/web/stop", "server1")]
    [InlineData("grp -s web -h server2", "/api/v1/groups/web/start", "server2")]
    public async Task Grp_must_ask_for_the_server_that_was_named(string line, string path, string? server)
    {
        using var root = new TestRoot();
        await using var api = new StubApi(root.SocketPath, asked =>
            [asked.Method == "GET" ? StubApi.Json(Status) : Reply(new(ExitCode.Done, "Command succeeded.", null, [], []))]);
        Assert.Equal(0, (await root.RunAsync(line.Split(' '))).Code);
        var command = api.Requests.Single(asked => asked.Method == "POST");
        Assert.Equal(path, command.Path);
        Assert.Equal(server, JsonSerializer.Deserialize(command.Body, ControlJson.Default.GroupCommand)!.Server);
    }

    [Theory]
    [InlineData("grp -n web", 0, "server1\n", "")]
    [InlineData("grp -n none", 3, "", "there is no group none; there are web\n")]
    [InlineData("grp -m web -h server2", 2, "", "group web runs on server1, not on server2; name its server after -h, or leave -h out\n")]
    [InlineData("grp -m -h server9", 3, "", "there is no server server9; there are server1, server2\n")]
    [InlineData("grp -m -h server2", 3, "", "no group runs on server2; clpstat -g shows where they run\n")]
    public async Task Grp_must_answer_from_the_status(string line, int code, string output, string error)
    {
        using var root = new TestRoot();
        await using var api = new StubApi(root.SocketPath, _ => [StubApi.Json(Status)]);
        Assert.Equal(new CommandRun(code, output, error), await root.RunAsync(line.Split(' ')));
    }

    [Fact]
    public async Task Command_must_pass_on_code_and_sentence_when_the_api_refuses()
    {
        using var root = new TestRoot();
        await using var api = new StubApi(root.SocketPath, _ => [StubApi.Json("""{"code":"NoPermission","message":"uid 7 may look"}""", 403)]);
        Assert.Equal(new CommandRun(7, "", "uid 7 may look\n"), await root.RunAsync("cl", "-t"));
    }

    [Fact]
    public async Task Events_must_print_one_line_each()
    {
        using var root = new TestRoot();
        var page = new EventPage([new(4, "2030-01-01T00:00:00Z", "server1", "rc", 10, "Info", "start of group web began", "1.0", null, "e", new Dictionary<string, string>())], 4);
        await using var api = new StubApi(root.SocketPath, _ => [StubApi.Json(JsonSerializer.Serialize(page, ControlJson.Default.EventPage))]);
        Assert.Equal(new CommandRun(0, "2030-01-01T00:00:00Z server1 rc 10 Info: start of group web began\n", ""), await root.RunAsync("events", "-n", "5"));
        Assert.Equal("/api/v1/events?after=-1&max=5", Assert.Single(api.Requests).Path);
    }

    [Fact]
    public async Task Events_must_go_on_with_new_ones_and_say_when_the_daemon_ends_the_stream()
    {
        using var root = new TestRoot();
        var item = new EventDto(5, "2030-01-01T00:00:00Z", "server1", "rc", 11, "Info", "complete", "1.0", null, "e", new Dictionary<string, string>());
        await using var api = new StubApi(root.SocketPath, asked => asked.Path.Contains("stream", StringComparison.Ordinal)
            ? ["HTTP/1.1 200 OK\r\n\r\n", $"id: 5\ndata: {JsonSerializer.Serialize(item, ControlJson.Default.EventDto)}\n\n:\n"]
            : [StubApi.Json("{\"events\":[],\"last\":4}")]);
        var run = await root.RunAsync("events", "-f");
        Assert.Equal((8, "2030-01-01T00:00:00Z server1 rc 11 Info: complete\n"), (run.Code, run.Out));
        Assert.Equal("/api/v1/events/stream?after=4", api.Requests[^1].Path);
    }

    [Theory]
    [InlineData("en", "start of group")]
    [InlineData("ja", "グループ")]
    public async Task Explain_must_need_no_daemon_for_an_event(string language, string words)
    {
        using var root = new TestRoot();
        var run = await root.RunAsync("explain", "rc", "10", "--lang", language);
        Assert.Equal(0, run.Code);
        Assert.Contains(words, run.Out);
        Assert.Equal(3, (await root.RunAsync("explain", "rc", "9999")).Code);
        Assert.Equal(3, (await root.RunAsync("explain", "xx", "1")).Code);
    }

    [Fact]
    public async Task Config_check_must_report_every_problem_with_its_line()
    {
        using var root = new TestRoot();
        await File.WriteAllTextAsync(root.ClusterConf, "cluster { name = x\n typo = 1 }\nservers { server1 { addresses = [\"10.0.0.1\"] } }\n");
        var run = await root.RunAsync("config", "check");
        Assert.Equal(1, run.Code);
        Assert.Contains("cluster.conf:2: ", run.Error);
        Assert.Contains("on-partition", run.Error);
        using var json = JsonDocument.Parse((await root.RunAsync("config", "check", "--json")).Out);
        Assert.False(json.RootElement.GetProperty("good").GetBoolean());
        Assert.True(json.RootElement.GetProperty("problems").GetArrayLength() >= 2);
    }

    [Fact]
    public async Task Config_check_must_say_that_a_broken_file_is_not_applied_where_a_daemon_has_a_good_one()
    {
        using var root = new TestRoot();
        await File.WriteAllTextAsync(root.ClusterConf, "cluster { name = x }\n");
        Assert.DoesNotContain("is not applied", (await root.RunAsync("config", "check")).Error, StringComparison.Ordinal);
        Directory.CreateDirectory(Path.Combine(root.Path, "var/lib/clp"));
        await File.WriteAllTextAsync(root.Path + Configuration.KeptConfig.Path, "");
        Assert.Contains("keeps the configuration of its last good start, in force since", (await root.RunAsync("config", "check")).Error, StringComparison.Ordinal);
        Assert.DoesNotContain("is not applied", (await root.RunAsync("config", "check", root.ClusterConf)).Error, StringComparison.Ordinal);
    }

    private static string Reply(CommandReply reply) => StubApi.Json(JsonSerializer.Serialize(reply, ControlJson.Default.CommandReply));
}
