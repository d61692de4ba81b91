namespace ClusterActors.Hocon;

/// <summary>The files that configuration is read from: the narrow way to the disk, so that tests need none.</summary>
public interface IConfigFiles
{
    /// <summary>
    /// The whole content, null when there is no such file. Any other failure throws <see cref="IOException"/> or
    /// <see cref="UnauthorizedAccessException"/>: a file that is there but cannot be read must not pass for a missing one.
    /// </summary>
    byte[]? Read(string path);
}

/// <summary>The files of this server. Refuses files over 4 MiB, which are no configuration.</summary>
public sealed class DiskConfigFiles : IConfigFiles
{
    private const long LargestFileBytes = 4 * 1024 * 1024;

    /// <inheritdoc/>
    public byte[]? Read(string path)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            if (file.Length > LargestFileBytes) throw new IOException($"the file has {file.Length} bytes; at most {LargestFileBytes} are read as configuration");
            var content = new byte[file.Length];
            file.ReadExactly(content);
            return content;
        }
        catch (FileNotFoundException)
        {
            return null;
        }
        catch (DirectoryNotFoundException)
        {
            return null;
        }
    }
}

/// <summary>Files in memory, for tests and for texts that come over the network.</summary>
public sealed class MemoryConfigFiles : IConfigFiles
{
    private readonly Dictionary<string, byte[]> _files = new(StringComparer.Ordinal);

    /// <summary>Adds or replaces a file; the path is used as it is.</summary>
    public MemoryConfigFiles With(string path, string text) => With(path, System.Text.Encoding.UTF8.GetBytes(text));

    /// <summary>Adds or replaces a file; the path is used as it is.</summary>
    public MemoryConfigFiles With(string path, byte[] content)
    {
        _files[path] = content;
        return this;
    }

    /// <inheritdoc/>
    public byte[]? Read(string path) => _files.GetValueOrDefault(path);
}
