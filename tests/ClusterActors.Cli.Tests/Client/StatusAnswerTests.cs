using System.Text;
using System.Text.Json;
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

    [Fact]
    public void Refusal_must_be_passed_on() =>
        Assert.Equal(ExitCode.NotFound, Assert.Throws<ControlException>(() => new ControlAnswer(404, "{\"code\":\"NotFound\",\"message\":\"x\"}"u8.ToArray()).ReadStatus()).Code);

    private static ControlAnswer Answer(string json) => new(200, Encoding.UTF8.GetBytes(json));
}
