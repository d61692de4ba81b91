using ClusterActors.Node.Composition;

namespace ClusterActors.Node.Tests;

public sealed class OnlyDaemonTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("clp-only-").FullName;

    [Fact]
    public void Second_daemon_must_not_get_the_right_before_the_first_has_ended()
    {
        var path = Path.Combine(_folder, "clpd.lock");
        using (var first = OnlyDaemon.TryBe(path))
        {
            Assert.NotNull(first);
            Assert.Null(OnlyDaemon.TryBe(path));
        }

        using var next = OnlyDaemon.TryBe(path);
        Assert.NotNull(next);
    }

    public void Dispose() => Directory.Delete(_folder, true);
}
