using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using ClusterActors.Cli.Commands;
using ClusterActors.Cli.Tests.Support;
using ClusterActors.Control;
using ClusterActors.Control.Client;
using ClusterActors.Control.Identity;

namespace ClusterActors.Cli.Tests.Client;

public sealed class ControlClientTests : IDisposable
{
    private static readonly TimeSpan Generous = TimeSpan.FromSeconds(30);
    private readonly TestRoot _root = new();

    public void Dispose() => _root.Dispose();

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Le", "ngth: 5\r\n\r|\nhel|lo and more")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n", "")]
    [InlineData("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3;x=y\r", "\nhe|l\r\n0|2\r\nlo\r|\n0\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\n\r\nhel", "lo")]
    [InlineData("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "")]
    public async Task Body_must_be_whole_however_it_is_sent(string first, string rest)
    {
        await using var api = new StubApi(_root.SocketPath, _ => [first, .. rest.Split('|')]);
        var answer = await Client().GetAsync("/x", Generous, default);
        Assert.Equal((200, "hello"), (answer.Status, Encoding.UTF8.GetString(answer.Body)));
    }

    [Theory]
    [InlineData("SSH-2.0-OpenSSH\r\n", ExitCode.Internal)]
    [InlineData("HTTP/1.1 abc\r\n\r\n", ExitCode.Internal)]
    [InlineData("HTTP/1.1 200 OK\r\nno header\r\n\r\n", ExitCode.Internal)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: -4\r\n\r\n", ExitCode.Internal)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n", ExitCode.Internal)]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", ExitCode.Internal)]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", ExitCode.Internal)]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabcd\r\n", ExitCode.Internal)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort", ExitCode.Unreachable)]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n8\r\nabc", ExitCode.Unreachable)]
    [InlineData("HTTP/1.1 200 O", ExitCode.Unreachable)]
    [InlineData("", ExitCode.Unreachable)]
    public async Task Answer_must_be_refused_when_it_is_not_whole_http(string bytes, ExitCode code)
    {
        await using var api = new StubApi(_root.SocketPath, _ => [bytes]);
        Assert.Equal(code, (await Assert.ThrowsAsync<ControlException>(() => Client().GetAsync("/x", Generous, default))).Code);
    }

    [Fact]
    public async Task Header_line_without_end_must_be_refused()
    {
        await using var api = new StubApi(_root.SocketPath, _ => ["HTTP/1.1 200 OK\r\nX: ", new string('a', 40_000)]);
        Assert.Equal(ExitCode.Internal, (await Assert.ThrowsAsync<ControlException>(() => Client().GetAsync("/x", Generous, default))).Code);
    }

    [Fact]
    public async Task Call_must_end_when_the_server_is_silent()
    {
        await using var api = new StubApi(_root.SocketPath, _ => null);
        var failure = await Assert.ThrowsAsync<ControlException>(() => Client().GetAsync("/x", TimeSpan.FromMilliseconds(100), default));
        Assert.Equal(ExitCode.Unreachable, failure.Code);
        Assert.Contains("no answer within 0.1 s", failure.Message);
    }

    [Fact]
    public async Task Missing_daemon_must_be_said_with_what_to_do()
    {
        var failure = await Assert.ThrowsAsync<ControlException>(() => Client().GetAsync("/x", Generous, default));
        Assert.Equal(ExitCode.Unreachable, failure.Code);
        Assert.Contains("start it with clpcl -s", failure.Message);
    }

    [Fact]
    public async Task Large_answer_must_be_read_whole()
    {
        var body = new string('x', 300_000);
        await using var api = new StubApi(_root.SocketPath, _ => [$"HTTP/1.1 200 OK\r\nContent-Length: {body.Length}\r\n\r\n", body]);
        Assert.Equal(body, Encoding.UTF8.GetString((await Client().GetAsync("/x", Generous, default)).Body));
    }

    [Fact]
    public async Task Call_must_end_when_the_caller_cancels()
    {
        await using var api = new StubApi(_root.SocketPath, _ => null);
        using var cancel = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Client().GetAsync("/x", Generous, cancel.Token));
    }

    [Fact]
    public async Task Stream_must_give_the_data_of_each_event_and_pass_over_pulses()
    {
        await using var api = new StubApi(_root.SocketPath, _ =>
            ["HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "e\r\nid: 1\ndata: on\r\n", "3\r\ne\n\n\r\n", "2\r\n:\n\r\n", "14\r\ndata:two\ndata: 2\n\nid\r\n", "0\r\n\r\n"]);
        var seen = new List<string>();
        var failure = await Assert.ThrowsAsync<ControlException>(async () =>
        {
            await foreach (var data in Client().StreamAsync("/s", default))
                seen.Add(data);
        });
        Assert.Equal(["one", "two\n2"], seen);
        Assert.Equal(ExitCode.Unreachable, failure.Code); // the last line was cut off
    }

    [Fact]
    public async Task Stream_must_give_the_refusal_when_there_is_none()
    {
        await using var api = new StubApi(_root.SocketPath, _ => [StubApi.Json("""{"code":"NotFound","message":"no such thing"}""", 404)]);
        var failure = await Assert.ThrowsAsync<ControlException>(async () => await Client().StreamAsync("/s", default).GetAsyncEnumerator().MoveNextAsync());
        Assert.Equal((ExitCode.NotFound, "no such thing"), (failure.Code, failure.Message));
    }

    [Theory]
    [InlineData("server1", "server1:29003")]
    [InlineData("server1:81", "server1:81")]
    [InlineData("10.0.0.1:81", "10.0.0.1:81")]
    [InlineData("::1", "[::1]:29003")]
    [InlineData("[fe80::1]:81", "[fe80::1]:81")]
    public void Address_must_be_read_with_and_without_port(string text, string expected) => Assert.Equal(expected, ControlAddress.Remote(text).ToString());

    [Theory]
    [InlineData("")]
    [InlineData("a:")]
    [InlineData("a:0")]
    [InlineData("[::1]81")]
    public void Address_must_be_refused_when_it_is_none(string text) =>
        Assert.Equal(ExitCode.Usage, Assert.Throws<ControlException>(() => ControlAddress.Remote(text)).Code);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Remote_server_must_be_of_the_own_cluster(bool same)
    {
        using var other = new TestRoot();
        using var mine = Make(_root);
        using var theirs = Make(other);
        var server = same ? mine : theirs;
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var serving = ServeOnceAsync(listener, server);
        var client = new ControlClient(ControlAddress.Remote($"127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}"), mine.Identity, TimeProvider.System);
        if (same)
        {
            Assert.Equal("CN=server1", Encoding.UTF8.GetString((await client.GetAsync("/x", Generous, default)).Body));
            Assert.True(await serving > 0);
        }
        else
        {
            Assert.Equal(ExitCode.NoPermission, (await Assert.ThrowsAsync<ControlException>(() => client.GetAsync("/x", Generous, default))).Code);
            Assert.Equal(0, await serving); // the request was not said to a stranger
        }
    }

    /// <returns>How many bytes of a request it heard.</returns>
    private static async Task<int> ServeOnceAsync(TcpListener listener, IdentityMaker server)
    {
        using var connection = await listener.AcceptTcpClientAsync();
        using var stream = new SslStream(connection.GetStream(), false, (_, certificate, _, _) => certificate is not null);
        try
        {
            await stream.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = server.Identity.Node, ClientCertificateRequired = true });
            var heard = await stream.ReadAsync(new byte[4096]);
            var body = stream.RemoteCertificate!.Subject;
            if (heard > 0)
                await stream.WriteAsync(Encoding.UTF8.GetBytes($"HTTP/1.1 200 OK\r\nContent-Length: {body.Length}\r\n\r\n{body}"));
            return heard;
        }
        catch (Exception refused) when (refused is IOException or System.Security.Authentication.AuthenticationException)
        {
            return 0;
        }
    }

    private static IdentityMaker Make(TestRoot root) =>
        IdentityMaker.OpenOrCreate(new IdentityPaths(root.Path), "pair", "server1", [IPAddress.Loopback], TimeProvider.System);

    private ControlClient Client() => new(ControlAddress.Local(_root.Path), null, TimeProvider.System);
}
