using ClusterActors.Linux.Process;

namespace ClusterActors.Linux.Tests.Process;

public sealed class ExecutedFileTests
{
    [Fact]
    public void Path_must_be_that_of_this_program()
    {
        var path = ExecutedFile.Path();

        Assert.NotNull(path);
        Assert.Equal(Path.GetFileName(Environment.ProcessPath), Path.GetFileName(path));
    }
}
