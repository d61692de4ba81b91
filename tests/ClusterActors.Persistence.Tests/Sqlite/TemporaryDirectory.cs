namespace ClusterActors.Persistence.Tests.Sqlite;

/// <summary>A directory that is gone when the test ends.</summary>
public sealed class TemporaryDirectory : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("clp-journal-");

    public string Journal => Path.Combine(_directory.FullName, "journal.db");

    public string[] Files => _directory.GetFiles().Select(f => f.Name).Order(StringComparer.Ordinal).ToArray();

    public void Dispose() => _directory.Delete(recursive: true);
}
