using ClusterActors.Linux.Process;

namespace ClusterActors.Linux.Tests.Process;

public sealed class DescriptorWriterTests
{
    [Fact]
    public void Text_must_go_to_the_descriptor_as_utf8()
    {
        var path = Path.GetTempFileName();
        try
        {
            var descriptor = AppendFile.Open(path);
            using var writer = new DescriptorWriter(descriptor);
            writer.Write("Zürich ");
            writer.Write('x');
            writer.WriteLine(" end");
            writer.Write("");
            writer.Write(['a', 'b', 'c'], 1, 2);
            AppendFile.Close(descriptor);
            Assert.Equal("Zürich x end\nbc", File.ReadAllText(path));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Descriptor_that_is_not_open_must_be_an_error()
    {
        using var writer = new DescriptorWriter(100_000);
        Assert.Contains("file descriptor 100000", Assert.Throws<IOException>(() => writer.Write("x")).Message);
    }
}
