namespace ClusterActors.Hocon;

/// <summary>Remembers the content of every file that was read through it, so that exactly what was read can be kept or sent on.</summary>
public sealed class RecordingConfigFiles(IConfigFiles files) : IConfigFiles
{
    private readonly Dictionary<string, byte[]> _read = new(StringComparer.Ordinal);

    /// <summary>Path to content, as read last; files that are not there are not in it.</summary>
    public IReadOnlyDictionary<string, byte[]> Files => _read;

    /// <inheritdoc/>
    public byte[]? Read(string path)
    {
        var content = files.Read(path);
        if (content is not null)
            _read[path] = content;
        return content;
    }
}
