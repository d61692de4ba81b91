using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using ClusterActors.Cli.Tests.Support;
using ClusterActors.Control;
using ClusterActors.Control.Identity;

namespace ClusterActors.Cli.Tests.Identity;

/// <summary>Joins over loopback, both sides in this process.</summary>
public sealed class JoinTests : IDisposable
{
    private static readonly byte[] Configuration = Encoding.UTF8.GetBytes("cluster.name = pair\n");
    private readonly TestRoot _first = new();
    private readonly TestRoot _second = new();
    private readonly List<string> _said = [];
    private readonly CancellationTokenSource _limit = new(TimeSpan.FromSeconds(60));
    private readonly IdentityMaker _maker;
    private IReadOnlyList<IncludedFile> _includes = [];

    public JoinTests() =>
        _maker = IdentityMaker.OpenOrCreate(new IdentityPaths(_first.Path), "pair", "server1", [IPAddress.Loopback], TimeProvider.System);

    public void Dispose()
    {
        _maker.Dispose();
        _first.Dispose();
        _second.Dispose();
        _limit.Dispose();
    }

    [Fact]
    public async Task Join_must_bring_identity_and_configuration()
    {
        using var server = Listen();
        var serving = server.ServeAsync(_limit.Token);
        var result = await Join(server.Token);
        Assert.Equal(JoinOutcome.Complete, await serving);
        Assert.Equal(new JoinResult(_maker.Identity.ClusterId, "server2", false, false), result);
        using var joined = ClusterIdentity.Load(_second.Path);
        Assert.Equal("server2", joined.ServerName);
        Assert.Equal(_maker.Identity.ClusterKey, joined.ClusterKey);
        Assert.Equal(_maker.Identity.Authority.RawData, joined.Authority.RawData);
        Assert.False(File.Exists(new IdentityPaths(_second.Path).AuthorityKey));
        Assert.True(joined.Node.MatchesHostname("10.0.0.2"));
        Assert.Equal(Configuration, File.ReadAllBytes(_second.ClusterConf));
        Assert.Contains(_said, line => line.Contains("server2 joined (1 of 1)", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Token_must_be_void_when_five_wrong_secrets_were_tried()
    {
        using var server = Listen();
        var serving = server.ServeAsync(_limit.Token);
        var wrong = server.Token with { Secret = new byte[16] };
        for (var i = 1; i <= JoinServer.MaxTries; i++)
        {
            // The fifth ends the serving side; its answer may be lost with that.
            var failure = await Assert.ThrowsAsync<IdentityException>(() => Join(wrong));
            Assert.True(i == JoinServer.MaxTries || failure.Message.Contains($"wrong secret (try {i} of 5)", StringComparison.Ordinal), failure.Message);
        }

        Assert.Equal(JoinOutcome.TooManyTries, await serving);
        AssertNothingStored();
        Assert.Empty(server.Joined);
    }

    [Fact]
    public async Task Join_must_be_refused_when_the_authority_is_not_the_tokens()
    {
        using var server = Listen();
        var serving = server.ServeAsync(_limit.Token);
        var failure = await Assert.ThrowsAsync<IdentityException>(() => Join(server.Token with { Fingerprint = new byte[32] }));
        Assert.Equal(ExitCode.Refused, failure.Code);
        Assert.Contains("another authority", failure.Message);
        AssertNothingStored();
        await Join(server.Token);
        Assert.Equal(JoinOutcome.Complete, await serving);
    }

    [Fact]
    public async Task Join_must_be_refused_when_the_one_who_answers_only_copies_the_authority()
    {
        using var other = new TestRoot();
        using var impostor = IdentityMaker.OpenOrCreate(new IdentityPaths(other.Path), "x", "server1", [], TimeProvider.System);
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var token = new JoinToken([IPAddress.Loopback], ((IPEndPoint)listener.LocalEndpoint).Port, SHA256.HashData(_maker.Identity.Authority.RawData), new byte[16]);
        var serving = ServeHelloAsync(listener, impostor, new JoinHello(JoinWire.Version, _maker.Identity.Authority.RawData, new byte[16]));
        var failure = await Assert.ThrowsAsync<IdentityException>(() => Join(token));
        Assert.Contains("does not come from the token's authority", failure.Message);
        Assert.Equal(0, await serving); // not one byte was said to it
    }

    [Fact]
    public async Task Join_must_be_refused_when_the_token_has_expired()
    {
        var server = Listen(lifetime: TimeSpan.FromMilliseconds(1));
        Assert.Equal(JoinOutcome.Expired, await server.ServeAsync(_limit.Token));
        var token = server.Token;
        server.Dispose();
        Assert.Equal(ExitCode.Unreachable, (await Assert.ThrowsAsync<IdentityException>(() => Join(token))).Code);
        AssertNothingStored();
    }

    [Fact]
    public async Task Join_must_be_possible_again_when_it_was_interrupted()
    {
        using var server = Listen();
        var serving = server.ServeAsync(_limit.Token);
        await BreakOffAfterReplyAsync(server.Token);
        Directory.CreateDirectory(new IdentityPaths(_second.Path).Directory + ".new");
        await Join(server.Token);
        Assert.Equal(JoinOutcome.Complete, await serving);
        Assert.Contains(_said, line => line.Contains("broke off", StringComparison.Ordinal));
        Assert.False(Directory.Exists(new IdentityPaths(_second.Path).Directory + ".new"));
        ClusterIdentity.Load(_second.Path).Dispose();
    }

    [Fact]
    public async Task Serving_must_go_on_when_somebody_sends_garbage()
    {
        using var server = Listen();
        var serving = server.ServeAsync(_limit.Token);
        using (var plain = new TcpClient())
        {
            await plain.ConnectAsync(IPAddress.Loopback, server.Token.Port);
            await plain.GetStream().WriteAsync("GET / HTTP/1.1\r\n\r\n"u8.ToArray());
            _ = await plain.GetStream().ReadAsync(new byte[100]);
        }

        await Join(server.Token);
        Assert.Equal(JoinOutcome.Complete, await serving);
    }

    [Fact]
    public async Task Join_must_be_refused_when_the_configuration_has_no_such_server()
    {
        using var server = Listen();
        var serving = server.ServeAsync(_limit.Token);
        Assert.Contains("server9 is not one of server2", (await Assert.ThrowsAsync<IdentityException>(() => Join(server.Token, name: "server9"))).Message);
        AssertNothingStored();
        await Join(server.Token);
        Assert.Equal(JoinOutcome.Complete, await serving);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Different_configuration_must_be_kept_unless_forced(bool force)
    {
        await File.WriteAllTextAsync(_second.ClusterConf, "own = 1\n");
        using var server = Listen();
        var serving = server.ServeAsync(_limit.Token);
        Assert.Equal(!force, (await Join(server.Token, force)).ConfigurationKept);
        Assert.Equal(JoinOutcome.Complete, await serving);
        Assert.Equal(force ? Encoding.UTF8.GetString(Configuration) : "own = 1\n", File.ReadAllText(_second.ClusterConf));
    }

    [Fact]
    public async Task Certificate_must_be_renewed_when_the_server_is_of_this_cluster_already()
    {
        using var server = Listen(wanted: 2);
        var serving = server.ServeAsync(_limit.Token);
        await Join(server.Token);
        var before = File.ReadAllText(new IdentityPaths(_second.Path).Node);
        Assert.True((await Join(server.Token)).Renewed);
        Assert.NotEqual(before, File.ReadAllText(new IdentityPaths(_second.Path).Node));
        await _limit.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => serving);
        Assert.Single(server.Joined);
    }

    [Fact]
    public async Task Join_must_be_refused_when_this_server_is_of_another_cluster()
    {
        using var server = Listen();
        var serving = server.ServeAsync(_limit.Token);
        IdentityMaker.OpenOrCreate(new IdentityPaths(_second.Path), "x", "server2", [], TimeProvider.System).Dispose();
        Assert.Contains("ca.key", (await Assert.ThrowsAsync<IdentityException>(() => Join(server.Token, force: true))).Message);
        File.Delete(new IdentityPaths(_second.Path).AuthorityKey);
        Assert.Contains("another cluster", (await Assert.ThrowsAsync<IdentityException>(() => Join(server.Token))).Message);
        await Join(server.Token, force: true);
        Assert.Equal(JoinOutcome.Complete, await serving);
        using var now = ClusterIdentity.Load(_second.Path);
        Assert.Equal(_maker.Identity.ClusterId, now.ClusterId);
    }

    [Fact]
    public async Task Join_must_bring_the_included_files()
    {
        _includes = [new("groups.conf", [1, 2]), new("conf.d/web.conf", [3])];
        using var server = Listen();
        var serving = server.ServeAsync(_limit.Token);
        Assert.False((await Join(server.Token)).ConfigurationKept);
        Assert.Equal(JoinOutcome.Complete, await serving);
        Assert.Equal([1, 2], File.ReadAllBytes(Path.Combine(_second.Path, "etc/clp/groups.conf")));
        Assert.Equal([3], File.ReadAllBytes(Path.Combine(_second.Path, "etc/clp/conf.d/web.conf")));
        Assert.Equal(Configuration, File.ReadAllBytes(_second.ClusterConf));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Different_included_file_must_keep_everything_unless_forced(bool force)
    {
        _includes = [new("a.conf", [1]), new("groups.conf", [2])];
        var there = Path.Combine(_second.Path, "etc/clp/groups.conf");
        await File.WriteAllBytesAsync(there, [9]);
        using var server = Listen();
        var serving = server.ServeAsync(_limit.Token);
        Assert.Equal(!force, (await Join(server.Token, force)).ConfigurationKept);
        Assert.Equal(JoinOutcome.Complete, await serving);
        Assert.Equal(force ? [2] : new byte[] { 9 }, File.ReadAllBytes(there));
        Assert.Equal(force, File.Exists(_second.ClusterConf));
        Assert.Equal(force, File.Exists(Path.Combine(_second.Path, "etc/clp/a.conf")));
    }

    [Theory]
    [InlineData("../evil.conf")]
    [InlineData("/etc/passwd")]
    [InlineData("a/../../evil.conf")]
    [InlineData("a//b.conf")]
    [InlineData("./a.conf")]
    [InlineData("")]
    [InlineData("a\nb")]
    [InlineData("cluster.conf")]
    [InlineData("pki/ca.crt")]
    [InlineData("pki.new/ca.crt")]
    public void Included_file_must_be_refused_when_its_name_leads_elsewhere(string name)
    {
        Assert.NotNull(IncludedFile.Problem(name));
        _includes = [new(name, [1])];
        Assert.Throws<IdentityException>(() => Listen());
    }

    [Fact]
    public void Included_files_must_be_refused_when_they_are_too_many_or_too_large()
    {
        IncludedFile[] most = [.. Enumerable.Range(0, IncludedFile.MaxFiles).Select(i => new IncludedFile($"f{i}", [1]))];
        Assert.Null(IncludedFile.Problem(most));
        Assert.NotNull(IncludedFile.Problem([.. most, new("more", [])]));
        Assert.Null(IncludedFile.Problem([new("a", new byte[IncludedFile.MaxBytes])]));
        Assert.NotNull(IncludedFile.Problem([new("a", new byte[IncludedFile.MaxBytes]), new("b", [1])]));
        Assert.NotNull(IncludedFile.Problem([new("a", []), new("a", [])]));
    }

    private async Task BreakOffAfterReplyAsync(JoinToken token)
    {
        using var connection = new TcpClient();
        await connection.ConnectAsync(IPAddress.Loopback, token.Port);
        using var stream = new SslStream(connection.GetStream(), false, (_, certificate, _, _) => certificate is not null);
        await stream.AuthenticateAsClientAsync("");
        var hello = await JsonFrames.ReceiveAsync(stream, JoinJson.Default.JoinHello, _limit.Token);
        using var key = Certificates.NewKey();
        var (nonce, signing) = (new byte[16], Certificates.CreateRequest("server2", key));
        var proof = JoinWire.RequestProof(token.Secret, hello, stream.RemoteCertificate!.GetRawCertData(), "server2", nonce, signing);
        await JsonFrames.SendAsync(stream, new JoinRequest(JoinWire.Version, "server2", nonce, signing, proof), JoinJson.Default.JoinRequest, _limit.Token);
        Assert.Null((await JsonFrames.ReceiveAsync(stream, JoinJson.Default.JoinReply, _limit.Token)).Refusal);
    }

    private static async Task<int> ServeHelloAsync(TcpListener listener, IdentityMaker impostor, JoinHello hello)
    {
        using var connection = await listener.AcceptTcpClientAsync();
        using var stream = new SslStream(connection.GetStream());
        await stream.AuthenticateAsServerAsync(impostor.Identity.Node);
        await JsonFrames.SendAsync(stream, hello, JoinJson.Default.JoinHello, default);
        try
        {
            return await stream.ReadAsync(new byte[1000]);
        }
        catch (IOException)
        {
            return 0; // closed without a farewell
        }
    }

    private JoinServer Listen(TimeSpan? lifetime = null, int wanted = 1) => JoinServer.Listen(
        _maker, new IPEndPoint(IPAddress.Loopback, 0), [IPAddress.Loopback],
        new JoinTerms(new Dictionary<string, IReadOnlyList<IPAddress>> { ["server2"] = [IPAddress.Parse("10.0.0.2")] }, Configuration, _includes, wanted, lifetime ?? TimeSpan.FromHours(1)),
        line =>
        {
            lock (_said)
                _said.Add(line);
        },
        TimeProvider.System);

    private Task<JoinResult> Join(JoinToken token, bool force = false, string name = "server2") =>
        new JoinClient(token, name, new IdentityPaths(_second.Path), TimeProvider.System).JoinAsync(force, _limit.Token);

    private void AssertNothingStored()
    {
        Assert.False(Directory.Exists(new IdentityPaths(_second.Path).Directory));
        Assert.False(File.Exists(_second.ClusterConf));
    }
}
