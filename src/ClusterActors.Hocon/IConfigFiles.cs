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
            return ReadToEnd(file);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
        catch (DirectoryNotFoundException)
        {
            return null;
        }
        catch (UnauthorizedAccessException failure) when (Directory.Exists(path))
        {
            throw new IOException("it is a directory; name a file in it", failure);
        }
    }

    /// <summary>Asks for no length: a pipe has none, and the files of /proc say 0.</summary>
    private static byte[] ReadToEnd(FileStream file)
    {
        using var content = new MemoryStream();
        var buffer = new byte[64 * 1024];
        for (var count = file.Read(buffer); count > 0; count = file.Read(buffer))
        {
            if (content.Length + count > LargestFileBytes)
                throw new IOException($"it has more than {LargestFileBytes} bytes; at most that many are read as configuration");
            content.Write(buffer, 0, count);
        }

        return content.ToArray();
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
