using ClusterActors.Linux.Process;

namespace ClusterActors.Guardian.Programs;

/// <summary>
/// Keeps the output files of programs bounded. The programs write to them directly, so that the guardian is never in their way; from
/// time to time a file beyond its limit has its last part copied to <c>NAME.1</c> and is cut to nothing. What a program writes between
/// copy and cut is lost, and a program that writes faster than that overshoots: the bound is for disks, not for auditors.
/// Used by the launcher thread only.
/// </summary>
internal sealed class ProgramLogs
{
    public const long DefaultLimitBytes = 1024 * 1024;
    private const int ChunkBytes = 64 * 1024;

    private readonly Dictionary<string, KeptFile> _files = [];

    public bool IsEmpty => _files.Count == 0;

    /// <summary>A program wrote between the last two looks, so that the next one should be soon.</summary>
    public bool IsGrowing { get; private set; }

    /// <summary>Opens the file for a child's output and keeps it bounded until <see cref="Forget"/>. The descriptor is the caller's to close.</summary>
    public int Open(string path, long limitBytes)
    {
        var folder = Path.GetDirectoryName(path);
        if (!string.IsNullOrEmpty(folder))
            Directory.CreateDirectory(folder);
        var file = AppendFile.Open(path);
        // Helpers write to the file of their program: it is not new for that.
        if (_files.TryAdd(path, new KeptFile()))
            IsGrowing = true;
        _files[path].LimitBytes = limitBytes <= 0 ? DefaultLimitBytes : limitBytes;
        return file;
    }

    public void Forget(string path) => _files.Remove(path);

    /// <summary>Looks at each file once. A file that cannot be read or cut is left alone until the next look: programs go before logs.</summary>
    public void Check()
    {
        IsGrowing = false;
        foreach (var (path, kept) in _files)
        {
            try
            {
                if (new FileInfo(path) is { Exists: true } file)
                    Check(file, kept);
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                continue;
            }
        }
    }

    private void Check(FileInfo file, KeptFile kept)
    {
        IsGrowing |= file.Length != kept.SeenBytes;
        kept.SeenBytes = file.Length;
        if (file.Length > kept.LimitBytes)
            Rotate(file.FullName, kept.LimitBytes);
    }

    private static void Rotate(string path, long limit)
    {
        using var current = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        using (var older = File.OpenHandle(path + ".1", FileMode.Create, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete))
        {
            var buffer = new byte[ChunkBytes];
            var end = RandomAccess.GetLength(current);
            var from = end - limit;
            for (var at = from; at < end;)
            {
                var count = RandomAccess.Read(current, buffer.AsSpan(0, (int)Math.Min(ChunkBytes, end - at)), at);
                if (count == 0)
                    break;
                RandomAccess.Write(older, buffer.AsSpan(0, count), at - from);
                at += count;
            }
        }

        RandomAccess.SetLength(current, 0);
    }

    private sealed class KeptFile
    {
        public long LimitBytes { get; set; }

        public long SeenBytes { get; set; }
    }
}
