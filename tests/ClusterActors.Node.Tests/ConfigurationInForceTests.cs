using ClusterActors.Configuration;
using ClusterActors.Hocon;
using ClusterActors.Node.Composition;
using ClusterActors.Resources;

namespace ClusterActors.Node.Tests;

public sealed class ConfigurationInForceTests : IDisposable
{
    private const string Good = PairConf.Good + "\ninclude \"groups.conf\"";

    private static readonly Guid Cluster = Guid.Parse("11111111-2222-3333-4444-555555555555");
    private readonly NodePaths _paths = new(Directory.CreateTempSubdirectory("clp-kept-").FullName);
    private readonly List<string> _said = [];

    public ConfigurationInForceTests()
    {
        _paths.CreateFolders();
        Directory.CreateDirectory($"{_paths.Root}/etc/clp");
        Write("cluster.conf", Good);
        WriteGroup("web");
    }

    public void Dispose() => Directory.Delete(_paths.Root, recursive: true);

    [Fact]
    public void Good_file_must_be_in_force_and_kept_with_its_includes()
    {
        var chosen = Choose();
        Assert.Null(chosen.Kept);
        Assert.Empty(chosen.Problems);
        Assert.Equal("web", chosen.Config!.Groups.Single().Name.Value);
        var kept = KeptConfig.Read(_paths.KeptConf, out _)!;
        Assert.Equal([$"{_paths.Root}/etc/clp/cluster.conf", $"{_paths.Root}/etc/clp/groups.conf"], kept.Files.Keys.Order());
        Assert.Empty(_said);
    }

    [Fact]
    public void Last_good_one_must_be_in_force_when_the_file_is_broken()
    {
        var good = Choose().Config!;
        var before = File.ReadAllBytes(_paths.KeptConf);
        Write("cluster.conf", Good.Replace("hold", "hope", StringComparison.Ordinal));
        WriteGroup("changed");

        var chosen = Choose();

        Assert.Equal(good.Hash, chosen.Config!.Hash);
        Assert.Contains("cluster.conf:1: ", chosen.Kept, StringComparison.Ordinal);
        Assert.Contains("hope", chosen.Kept, StringComparison.Ordinal);
        Assert.Single(chosen.Problems);
        Assert.Equal(before, File.ReadAllBytes(_paths.KeptConf));
    }

    [Fact]
    public void Last_good_one_must_be_in_force_when_the_file_or_an_include_is_gone_or_broken()
    {
        var good = Choose().Config!.Hash;
        Write("groups.conf", "groups { web { servers = [");
        Assert.Equal(good, Choose().Config!.Hash);
        File.Delete(_paths.ClusterConf);
        Assert.Equal(good, Choose().Config!.Hash);
    }

    [Fact]
    public void Why_there_is_no_configuration_must_be_told_apart()
    {
        Write("cluster.conf", Good.Replace("hold", "hope", StringComparison.Ordinal));
        Assert.Equal("pm 13", Failure());
        Assert.Equal("pm 13, pm 15", Failure(host: "server9"));
        Write("cluster.conf", Good);
        Assert.Equal("pm 15", Failure(host: "server9"));
        File.Delete(_paths.ClusterConf);
        Assert.Equal("pm 14", Failure());
    }

    [Fact]
    public void Repaired_file_must_be_in_force_again_and_kept_instead()
    {
        var first = Choose().Config!.Hash;
        Write("cluster.conf", "nonsense {");
        Assert.Equal(first, Choose().Config!.Hash);
        Write("cluster.conf", Good);
        WriteGroup("mail");

        var repaired = Choose();

        Assert.Null(repaired.Kept);
        Assert.NotEqual(first, repaired.Config!.Hash);
        Write("cluster.conf", "nonsense {");
        Assert.Equal(repaired.Config.Hash, Choose().Config!.Hash);
    }

    [Fact]
    public void Nothing_must_be_in_force_when_the_first_start_finds_a_broken_file()
    {
        Write("cluster.conf", "nonsense {");
        var chosen = Choose();
        Assert.Null(chosen.Config);
        Assert.NotEmpty(chosen.Problems);
        Assert.Contains(_said, s => s.Contains("never started with a good configuration", StringComparison.Ordinal));
    }

    [Fact]
    public void What_was_kept_must_not_be_used_when_it_is_damaged_or_of_another_cluster()
    {
        Choose();
        Write("cluster.conf", "nonsense {");
        Assert.Null(Choose(Guid.NewGuid()).Config);
        Assert.Contains(_said, s => s.Contains("belongs to cluster", StringComparison.Ordinal));
        var bytes = File.ReadAllBytes(_paths.KeptConf);
        foreach (var place in new[] { 0, 5, bytes.Length / 2, bytes.Length - 1 })
        {
            byte[] damaged = [.. bytes];
            damaged[place] ^= 1;
            File.WriteAllBytes(_paths.KeptConf, damaged);
            Assert.Null(Choose().Config);
        }

        File.WriteAllBytes(_paths.KeptConf, bytes[..20]);
        Assert.Null(Choose().Config);
        File.WriteAllBytes(_paths.KeptConf, bytes);
        Assert.NotNull(Choose().Config);
    }

    [Fact]
    public void Good_file_must_be_in_force_although_it_cannot_be_kept()
    {
        Directory.CreateDirectory(_paths.KeptConf + ".new");
        Assert.NotNull(Choose().Config);
        Assert.Contains(_said, s => s.Contains("could not be kept", StringComparison.Ordinal));
    }

    private ConfigurationInForce Choose(Guid? cluster = null, string host = "server1") =>
        ConfigurationInForce.Choose(_paths, cluster ?? Cluster, new DiskConfigFiles(), ClusterConfigOptions.For([.. ResourceTypes.All], host), _said.Add);

    private void WriteGroup(string name) => Write("groups.conf",
        $$"""groups { {{name}} { servers = [server1, server2], resources { program { type = exec, start = /bin/web, mode = async } } } }""");

    private void Write(string name, string text) => File.WriteAllText($"{_paths.Root}/etc/clp/{name}", text);

    private string Failure(string host = "server1") => string.Join(", ", StartFailures.Of(Choose(host: host)).Select(e => e.Key));
}
