using ClusterActors.Guardian.Programs;
using ClusterActors.Linux.Process;

namespace ClusterActors.Guardian.Tests.Programs;

public sealed class ProgramLogsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("clp-logs-").FullName;
    private readonly ProgramLogs _logs = new();

    private string LogFile => Path.Combine(_folder, "program.log");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Last_part_must_be_kept_beside_when_a_file_has_grown_beyond_its_limit()
    {
        AppendFile.Close(_logs.Open(LogFile, 10));
        File.WriteAllText(LogFile, "too old, last part");

        _logs.Check();

        Assert.Equal("", File.ReadAllText(LogFile));
        Assert.Equal(" last part", File.ReadAllText(LogFile + ".1"));
    }

    [Fact]
    public void File_within_its_limit_must_stay_as_it_is()
    {
        AppendFile.Close(_logs.Open(LogFile, 10));
        File.WriteAllText(LogFile, "ten bytes.");

        _logs.Check();

        Assert.Equal("ten bytes.", File.ReadAllText(LogFile));
        Assert.False(File.Exists(LogFile + ".1"));
    }

    [Fact]
    public void Files_must_count_as_growing_until_a_look_finds_nothing_new()
    {
        AppendFile.Close(_logs.Open(LogFile, 100));
        Assert.True(_logs.IsGrowing);
        _logs.Check();
        Assert.False(_logs.IsGrowing);

        File.AppendAllText(LogFile, "a line\n");
        _logs.Check();
        Assert.True(_logs.IsGrowing);
        _logs.Check();
        Assert.False(_logs.IsGrowing);
    }

    /// <summary>Each helper of a program opens its file.</summary>
    [Fact]
    public void File_that_is_opened_again_must_not_count_as_growing()
    {
        AppendFile.Close(_logs.Open(LogFile, 100));
        File.AppendAllText(LogFile, "a line\n");
        _logs.Check();
        _logs.Check();

        AppendFile.Close(_logs.Open(LogFile, 100));
        Assert.False(_logs.IsGrowing);
        _logs.Check();
        Assert.False(_logs.IsGrowing);
    }

    [Fact]
    public void File_that_was_let_go_must_not_be_cut()
    {
        AppendFile.Close(_logs.Open(LogFile, 10));
        File.WriteAllText(LogFile, "more than ten bytes");
        _logs.Forget(LogFile);

        _logs.Check();

        Assert.True(_logs.IsEmpty);
        Assert.Equal("more than ten bytes", File.ReadAllText(LogFile));
    }
}
