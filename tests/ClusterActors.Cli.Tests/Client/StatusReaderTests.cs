using System.Text;
using System.Text.Json;
using ClusterActors.Cli.Tests.Support;
using ClusterActors.Control;
using ClusterActors.Control.Client;

namespace ClusterActors.Cli.Tests.Client;

public sealed class StatusReaderTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Status_must_be_read_as_the_serializer_wrote_it(bool healthy)
    {
        var json = JsonSerializer.Serialize(healthy ? Samples.Healthy : Samples.Troubled, ControlJson.Default.ClusterStatus);
        var read = new ControlAnswer(200, Encoding.UTF8.GetBytes(json)).ReadStatus();
        Assert.Equal(json, JsonSerializer.Serialize(read, ControlJson.Default.ClusterStatus));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{\"servers\":7}")]
    [InlineData("{\"suspended\":\"yes\"}")]
    [InlineData("{\"cluster\":1}")]
    [InlineData("{\"cluster\":\"a\"")]
    [InlineData("{\"cluster\":\"a\"} x")]
    [InlineData("{\"cluster\":\"a}")]
    [InlineData("{\"cluster\":\"\\u12\"}")]
    [InlineData("{\"cluster\":\"\\x\"}")]
    [InlineData("{\"cluster\" \"a\"}")]
    [InlineData("{\"suspended\":tru}")]
    [InlineData("{\"groups\":[1 2]}")]
    [InlineData("{\"groups\":[{\"failovers\":1e30}]}")]
    [InlineData("{\"x\":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]}")]
    public void Answer_must_be_refused_when_it_is_no_status(string body) =>
        Assert.Equal(ExitCode.Internal, Assert.Throws<ControlException>(() => new ControlAnswer(200, Encoding.UTF8.GetBytes(body)).ReadStatus()).Code);

    [Fact]
    public void Text_must_be_read_with_escapes_spaces_and_unknown_members()
    {
        var json = Encoding.UTF8.GetBytes(" { \"cluster\" : \"a\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\ud83d\\ude00ü\" ,\n\"new\":[{\"a\":-1.5e-3},[],{},null,false],\"waitSecondsLeft\":2.5, \"suspended\":true }\r\n");
        var status = new ControlAnswer(200, json).ReadStatus();
        Assert.Equal(("a\"\\/\b\f\n\r\té😀ü", 2.5, true), (status.Cluster, status.WaitSecondsLeft, status.Suspended));
    }

    [Fact]
    public void Refusal_must_be_passed_on() =>
        Assert.Equal(ExitCode.NotFound, Assert.Throws<ControlException>(() => new ControlAnswer(404, "{\"code\":\"NotFound\",\"message\":\"x\"}"u8.ToArray()).ReadStatus()).Code);
}
