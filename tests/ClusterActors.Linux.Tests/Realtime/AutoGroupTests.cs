using ClusterActors.Linux.Process;
using ClusterActors.Linux.Realtime;

namespace ClusterActors.Linux.Tests.Realtime;

public sealed class AutoGroupTests
{
    [Fact]
    public void Session_of_a_child_must_have_the_nice_value_that_was_set()
    {
        // Started by this library, so the first of a session of its own.
        using var child = new PidFd(ChildProcess.Spawn(new ChildOptions(["/bin/sleep", "300"], [])));
        try
        {
            Assert.Equal(0, AutoGroup.TrySetNice(child.ProcessId, -5));

            if (File.Exists(AutoGroup.PathOf(child.ProcessId)))
                Assert.EndsWith(" nice -5\n", File.ReadAllText(AutoGroup.PathOf(child.ProcessId)));
        }
        finally
        {
            child.Signal(LinuxSignals.Kill);
        }
    }

    [Fact]
    public void Value_that_the_kernel_does_not_know_must_be_told()
    {
        if (File.Exists(AutoGroup.PathOf(Environment.ProcessId)))
            Assert.Equal(Errno.Invalid, AutoGroup.TrySetNice(Environment.ProcessId, 99));
    }
}
