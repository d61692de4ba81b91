using System.Security.Cryptography;
using System.Text;
using ClusterActors.Hocon;

namespace ClusterActors.Configuration;

/// <summary>
/// The configuration of a daemon's last good start: cluster.conf with every file that it included, byte for byte, in one file. A daemon
/// that finds its cluster.conf broken goes on with it. Form: magic <c>CLPK</c>, u16 version, cluster id, path of the main file, number of
/// files, path and content of each, then SHA-256 of all before it.
/// </summary>
/// <param name="ClusterId">The cluster it belongs to; another cluster's is not used.</param>
/// <param name="MainFile">The file that includes the others.</param>
/// <param name="Files">Path to content, the main file among them.</param>
public sealed record KeptConfig(Guid ClusterId, string MainFile, IReadOnlyDictionary<string, byte[]> Files)
{
    /// <summary>Where it is kept, below the root.</summary>
    public const string Path = "/var/lib/clp/cluster.kept";

    /// <summary>Most bytes of all files together; a larger configuration is not kept.</summary>
    public const int LargestBytes = 16 * 1024 * 1024;

    private const string Magic = "CLPK";
    private const ushort Version = 1;
    private const int HashBytes = 32;

    /// <summary>Binds it as the file itself would have been.</summary>
    public ClusterConfigResult Load(ClusterConfigOptions options)
    {
        var files = new MemoryConfigFiles();
        foreach (var (path, content) in Files)
            files.With(path, content);
        return ClusterConfigLoader.Load(MainFile, files, options);
    }

    /// <summary>Writes it in one step, unless the same is there already: the file's time says since when it is in force.</summary>
    /// <exception cref="IOException">Too large, or the disk refused; what was kept before is still there.</exception>
    /// <exception cref="UnauthorizedAccessException">Not allowed.</exception>
    public void Write(string path)
    {
        var bytes = Encode();
        if (bytes.Length > LargestBytes)
            throw new IOException($"{path}: the configuration has {bytes.Length} bytes with its includes; at most {LargestBytes} are kept");
        if (File.Exists(path) && File.ReadAllBytes(path).AsSpan().SequenceEqual(bytes))
            return;
        var temporary = path + ".new";
        using (var file = new FileStream(temporary, new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            Share = FileShare.None,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        }))
        {
            file.Write(bytes);
            file.Flush(flushToDisk: true);
        }

        File.Move(temporary, path, overwrite: true);
    }

    /// <summary>Reads one; null with a problem when there is none or it is damaged.</summary>
    public static KeptConfig? Read(string path, out string problem)
    {
        problem = "";
        try
        {
            if (!File.Exists(path))
            {
                problem = $"{path}: not there: this server has never started with a good configuration";
                return null;
            }

            return Decode(File.ReadAllBytes(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            problem = $"{path}: {e.Message}";
            return null;
        }
    }

    private byte[] Encode()
    {
        using var bytes = new MemoryStream();
        using (var writer = new BinaryWriter(bytes, Encoding.UTF8, leaveOpen: true))
        {
            writer.Write(Encoding.ASCII.GetBytes(Magic));
            writer.Write(Version);
            writer.Write(ClusterId.ToByteArray());
            writer.Write(MainFile);
            writer.Write(Files.Count);
            foreach (var (path, content) in Files.OrderBy(f => f.Key, StringComparer.Ordinal))
            {
                writer.Write(path);
                writer.Write(content.Length);
                writer.Write(content);
            }
        }

        bytes.Write(SHA256.HashData(bytes.ToArray()));
        return bytes.ToArray();
    }

    private static KeptConfig Decode(byte[] bytes)
    {
        if (bytes.Length < Magic.Length + 2 + HashBytes || Encoding.ASCII.GetString(bytes, 0, Magic.Length) != Magic)
            throw new InvalidDataException("not a kept configuration");
        if (!SHA256.HashData(bytes.AsSpan(..^HashBytes)).AsSpan().SequenceEqual(bytes.AsSpan(^HashBytes..)))
            throw new InvalidDataException("checksum differs: damaged");
        using var reader = new BinaryReader(new MemoryStream(bytes, Magic.Length, bytes.Length - Magic.Length - HashBytes), Encoding.UTF8);
        var version = reader.ReadUInt16();
        if (version != Version)
            throw new InvalidDataException($"version {version}; {Version} is known");
        var (cluster, main) = (new Guid(reader.ReadBytes(16)), reader.ReadString());
        var files = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        for (var left = reader.ReadInt32(); left > 0; left--)
            files[reader.ReadString()] = reader.ReadBytes(reader.ReadInt32());
        return new KeptConfig(cluster, main, files);
    }
}
