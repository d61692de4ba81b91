using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ClusterActors.Cli.Tests.Support;
using ClusterActors.Control;
using ClusterActors.Control.Client;

namespace ClusterActors.Cli.Tests.Client;

public sealed class StatusAnswerTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Status_must_be_read_as_it_was_written(bool healthy)
    {
        var json = JsonSerializer.Serialize(healthy ? Samples.Healthy : Samples.Troubled, ControlJson.Default.ClusterStatus);
        Assert.Equal(json, JsonSerializer.Serialize(Answer(json).ReadStatus(), ControlJson.Default.ClusterStatus));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{\"cluster\":\"a\"}")]
    [InlineData("{\"servers\":7}")]
    [InlineData("{\"cluster\":\"a\"")]
    [InlineData("{\"groups\":[{\"failovers\":1e30}]}")]
    public void Answer_must_be_refused_when_it_is_no_status(string body) =>
        Assert.Equal(ExitCode.Internal, Assert.Throws<ControlException>(() => Answer(body).ReadStatus()).Code);

    [Fact]
    public void Member_of_a_newer_release_must_be_passed_over()
    {
        var json = JsonSerializer.Serialize(Samples.Healthy, ControlJson.Default.ClusterStatus);
        Assert.Equal(Samples.Healthy.Cluster, Answer("{\"newer\":[{\"a\":-1.5e-3},[],null]," + json[1..]).ReadStatus().Cluster);
    }

    [Theory]
    [InlineData("warnings", null)]
    [InlineData("arbiters", null)]
    [InlineData("ratio", null)]
    [InlineData("heartbeats", "extendsGrant")]
    [InlineData("heartbeats", "note")]
    public void Member_that_an_older_release_does_not_know_must_have_its_default(string member, string? ofEach)
    {
        var written = JsonSerializer.Serialize(Samples.Healthy, ControlJson.Default.ClusterStatus);
        var json = JsonNode.Parse(written)!.AsObject();
        if (ofEach is null)
            Assert.True(json.Remove(member));
        else
            Assert.All(json[member]!.AsArray(), item => Assert.True(item!.AsObject().Remove(ofEach)));
        Assert.Equal(written, JsonSerializer.Serialize(Answer(json.ToJsonString()).ReadStatus(), ControlJson.Default.ClusterStatus));
    }

    [Theory]
    [InlineData("cluster")]
    [InlineData("servers")]
    [InlineData("servers", "name")]
    [InlineData("servers", "heartbeats")]
    [InlineData("groups", "reason")]
    [InlineData("groups", "resources")]
    [InlineData("heartbeats", "hears")]
    public void Status_must_be_refused_when_a_part_is_missing(string member, string? ofEach = null)
    {
        var json = JsonNode.Parse(JsonSerializer.Serialize(Samples.Healthy, ControlJson.Default.ClusterStatus))!.AsObject();
        if (ofEach is null)
            Assert.True(json.Remove(member));
        else
            Assert.True(json[member]![0]!.AsObject().Remove(ofEach));
        Assert.Equal(ExitCode.Internal, Assert.Throws<ControlException>(() => Answer(json.ToJsonString()).ReadStatus()).Code);
    }

    [Fact]
    public void Refusal_must_be_passed_on() =>
        Assert.Equal(ExitCode.NotFound, Assert.Throws<ControlException>(() => new ControlAnswer(404, "{\"code\":\"NotFound\",\"message\":\"x\"}"u8.ToArray()).ReadStatus()).Code);

    private static ControlAnswer Answer(string json) => new(200, Encoding.UTF8.GetBytes(json));
}
