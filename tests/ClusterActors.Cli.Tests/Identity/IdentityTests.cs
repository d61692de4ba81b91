using System.Net;
using ClusterActors.Cli.Tests.Support;
using ClusterActors.Control;
using ClusterActors.Control.Identity;

namespace ClusterActors.Cli.Tests.Identity;

public sealed class IdentityTests : IDisposable
{
    private readonly TestRoot _root = new();

    public void Dispose() => _root.Dispose();

    [Fact]
    public void Identity_must_load_as_it_was_made()
    {
        using var made = Make("server1");
        using var loaded = ClusterIdentity.Load(_root.Path);
        Assert.False(made.WasThere);
        Assert.Equal((made.Identity.ClusterId, "server1", true), (loaded.ClusterId, loaded.ServerName, loaded.Node.HasPrivateKey));
        Assert.Equal(made.Identity.ClusterKey, loaded.ClusterKey);
        Assert.False(loaded.Authority.HasPrivateKey);
        Assert.True(loaded.Node.MatchesHostname("server1"));
        Assert.True(loaded.Node.MatchesHostname("10.0.0.1"));
        Assert.False(loaded.Node.MatchesHostname("10.0.0.2"));
    }

    [Fact]
    public void Files_must_be_for_their_owner_alone()
    {
        using var made = Make("server1");
        var directory = new IdentityPaths(_root.Path).Directory;
        Assert.Equal("700", Convert.ToString((int)File.GetUnixFileMode(directory), 8));
        Assert.All(Directory.GetFiles(directory), file => Assert.Equal("600", Convert.ToString((int)File.GetUnixFileMode(file), 8)));
    }

    [Fact]
    public void Making_must_change_nothing_when_an_identity_is_there()
    {
        Make("server1").Dispose();
        var before = Contents();
        using var again = Make("server1");
        Assert.True(again.WasThere);
        Assert.Equal(before, Contents());
    }

    [Fact]
    public void Making_must_begin_afresh_when_it_was_interrupted()
    {
        var staging = Directory.CreateDirectory(new IdentityPaths(_root.Path).Directory + ".new");
        File.WriteAllText(Path.Combine(staging.FullName, "ca.key"), "half");
        using var made = Make("server1");
        Assert.False(Directory.Exists(staging.FullName));
        ClusterIdentity.Load(_root.Path).Dispose();
    }

    [Fact]
    public void Making_must_be_refused_when_the_identity_is_another_servers()
    {
        Make("server1").Dispose();
        Assert.Equal(ExitCode.Refused, Assert.Throws<IdentityException>(() => Make("server2")).Code);
    }

    [Fact]
    public void Making_must_be_refused_when_the_authority_is_elsewhere()
    {
        Make("server1").Dispose();
        File.Delete(new IdentityPaths(_root.Path).AuthorityKey);
        Assert.Contains("ca.key", Assert.Throws<IdentityException>(() => Make("server1")).Message);
    }

    [Fact]
    public void Loading_must_name_what_is_missing()
    {
        Assert.Equal(ExitCode.NotFound, Assert.Throws<IdentityException>(() => ClusterIdentity.Load(_root.Path)).Code);
        Assert.Null(ClusterIdentity.LoadOrNone(_root.Path));
        Make("server1").Dispose();
        File.Delete(new IdentityPaths(_root.Path).NodeKey);
        Assert.Contains("node.key missing", Assert.Throws<IdentityException>(() => ClusterIdentity.LoadOrNone(_root.Path)).Message);
    }

    [Theory]
    [InlineData("cluster.key", "short")]
    [InlineData("cluster.id", "no guid")]
    [InlineData("node.crt", "no certificate")]
    public void Loading_must_be_refused_when_a_file_is_damaged(string file, string content)
    {
        Make("server1").Dispose();
        File.WriteAllText(Path.Combine(new IdentityPaths(_root.Path).Directory, file), content);
        Assert.Equal(ExitCode.Internal, Assert.Throws<IdentityException>(() => ClusterIdentity.Load(_root.Path)).Code);
    }

    [Fact]
    public void Loading_must_be_refused_when_the_authority_is_not_the_certificates()
    {
        Make("server1").Dispose();
        using var other = new TestRoot();
        IdentityMaker.OpenOrCreate(new IdentityPaths(other.Path), "x", "server1", [], TimeProvider.System).Dispose();
        File.Copy(new IdentityPaths(other.Path).Authority, new IdentityPaths(_root.Path).Authority, overwrite: true);
        Assert.Contains("not issued by", Assert.Throws<IdentityException>(() => ClusterIdentity.Load(_root.Path)).Message);
    }

    [Fact]
    public void Token_must_be_read_as_it_was_written()
    {
        var token = new JoinToken([IPAddress.Parse("10.0.0.1"), IPAddress.Parse("fe80::1")], 29003, [.. Enumerable.Range(0, 32).Select(i => (byte)i)], [.. Enumerable.Range(0, 16).Select(i => (byte)(255 - i))]);
        var read = JoinToken.Parse(token.ToString());
        Assert.Equal(token.ToString(), read.ToString());
        Assert.Equal(token.Addresses, read.Addresses);
        Assert.Equal(token.Secret, read.Secret);
        for (var length = 0; length < token.ToString().Length; length++)
            Assert.Equal(ExitCode.Usage, Assert.Throws<IdentityException>(() => JoinToken.Parse(token.ToString()[..length])).Code);
    }

    private IdentityMaker Make(string server) =>
        IdentityMaker.OpenOrCreate(new IdentityPaths(_root.Path), "pair", server, [IPAddress.Parse("10.0.0.1")], TimeProvider.System);

    private string[] Contents() =>
        [.. Directory.GetFiles(new IdentityPaths(_root.Path).Directory).Order(StringComparer.Ordinal).Select(file => Convert.ToHexString(File.ReadAllBytes(file)))];
}
