using ClusterActors.Linux.Files;

namespace ClusterActors.Linux.Tests;

public sealed class InstanceLockTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("clp-lock-").FullName;

    [Fact]
    public void Second_process_must_not_get_the_lock_before_the_first_has_ended()
    {
        var path = Path.Combine(_folder, "clpd.lock");
        using (var first = InstanceLock.TryTake(path))
        {
            Assert.NotNull(first);
            Assert.Null(InstanceLock.TryTake(path));
        }

        using var next = InstanceLock.TryTake(path);
        Assert.NotNull(next);
    }

    [Fact]
    public void Folder_that_is_not_there_must_not_be_taken_for_another_process() =>
        Assert.Throws<DirectoryNotFoundException>(() => InstanceLock.TryTake(Path.Combine(_folder, "none", "clpd.lock")));

    public void Dispose() => Directory.Delete(_folder, true);
}
