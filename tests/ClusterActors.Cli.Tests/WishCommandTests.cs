using ClusterActors.Cli.Tests.Support;

namespace ClusterActors.Cli.Tests;

/// <summary>Commands about the cluster and servers as a whole, against a stub of the control API.</summary>
public sealed class WishCommandTests : IDisposable
{
    private const string Done = """{"code":"Done","message":"Command succeeded.","lines":[],"because":[]}""";
    private readonly TestRoot _root = new();

    public void Dispose() => _root.Dispose();

    [Theory]
    [InlineData("toratio -r 5 -t 3h", "\"verb\":\"Stretch\"", "\"ratio\":5,\"seconds\":10800")]
    [InlineData("toratio -r 10000 -t 30d --reason backup", "\"seconds\":2592000", "\"reason\":\"backup\"")]
    [InlineData("toratio -r 1", "\"verb\":\"Normal\"", "\"ratio\":1")]
    [InlineData("toratio -i", "\"verb\":\"Normal\"", "")]
    [InlineData("server standby server2 --reason memory", "\"verb\":\"Standby\",\"server\":\"server2\"", "\"reason\":\"memory\"")]
    [InlineData("server maintenance server1", "\"verb\":\"Maintenance\"", "\"server\":\"server1\"")]
    [InlineData("server resume server1 --dry-run", "\"verb\":\"ResumeServer\"", "\"dryRun\":true")]
    [InlineData("cl --suspend", "\"verb\":\"Suspend\"", "")]
    [InlineData("cl --resume", "\"verb\":\"Resume\"", "")]
    public async Task Command_must_send_its_wish(string line, string first, string second)
    {
        await using var api = new StubApi(_root.SocketPath, _ => [StubApi.Json(Done)]);

        var ended = await _root.RunAsync(line.Split(' '));

        Assert.Equal((0, ""), (ended.Code, ended.Error));
        var asked = Assert.Single(api.Requests);
        Assert.Equal(("POST", "/api/v1/cluster/wishes"), (asked.Method, asked.Path));
        Assert.Contains(first, asked.Body, StringComparison.Ordinal);
        Assert.Contains(second, asked.Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("toratio -r 5", "-t TIME is missing")]
    [InlineData("toratio -r 10001 -t 1m", "must be a number from 1 to 10000")]
    [InlineData("toratio -r 5 -t 31d", "at most 30 days")]
    [InlineData("toratio -r 5 -t 5", "with m, h or d behind it")]
    [InlineData("toratio -r 5 -t 0m", "with m, h or d behind it")]
    [InlineData("toratio -i -t 5m", "-t belongs to -r")]
    [InlineData("toratio", "one of -r, -i, -s must be given")]
    [InlineData("server standby", "SERVER")]
    public async Task Wrong_command_must_be_refused_without_asking_anybody(string line, string words)
    {
        var ended = await _root.RunAsync(line.Split(' '));

        Assert.Equal(1, ended.Code);
        Assert.Contains(words, ended.Error, StringComparison.Ordinal);
    }
}
