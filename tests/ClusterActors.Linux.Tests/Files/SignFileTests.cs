using ClusterActors.Linux.Files;

namespace ClusterActors.Linux.Tests.Files;

public sealed class SignFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("clp-sign-").FullName;

    private string SignPath => Path.Combine(_folder, "clpd.sign");

    [Fact]
    public void Newest_instant_must_be_seen_by_the_other_side()
    {
        using SignFile reader = SignFile.Create(SignPath);
        using SignFile writer = SignFile.Open(SignPath);
        Assert.Equal(0, reader.Newest);
        writer.Give(1);
        writer.Give(long.MaxValue - 1);
        Assert.Equal(long.MaxValue - 1, reader.Newest);
    }

    [Fact]
    public void What_an_earlier_owner_left_must_not_count()
    {
        using (SignFile earlier = SignFile.Create(SignPath))
            earlier.Give(5);
        using SignFile reader = SignFile.Create(SignPath);
        Assert.Equal(0, reader.Newest);
    }

    [Fact]
    public void File_that_somebody_truncates_must_hold_no_instant_until_the_next()
    {
        using SignFile reader = SignFile.Create(SignPath);
        using SignFile writer = SignFile.Open(SignPath);
        writer.Give(5);
        using (var file = File.Open(SignPath, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
            file.SetLength(0);
        Assert.Equal(0, reader.Newest);
        writer.Give(6);
        Assert.Equal(6, reader.Newest);
    }

    [Fact]
    public void File_that_nobody_created_must_not_be_opened() => Assert.Throws<FileNotFoundException>(() => SignFile.Open(SignPath));

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
