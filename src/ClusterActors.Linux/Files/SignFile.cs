using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace ClusterActors.Linux.Files;

/// <summary>
/// One instant, put down by one process and read by another whenever it likes: nobody is woken by it. For a folder in memory, as <c>/run</c>
/// is. Read and written as a file and not mapped: a mapped page whose file somebody truncates ends the process that touches it.
/// </summary>
public sealed class SignFile : IDisposable
{
    private const int Size = sizeof(long);
    private readonly SafeFileHandle _handle;

    private SignFile(SafeFileHandle handle) => _handle = handle;

    /// <summary>Creates it or takes what is there, holding no instant. Its place is taken now, so that no later sign fails for want of it.</summary>
    /// <exception cref="IOException">The folder is missing or full.</exception>
    public static SignFile Create(string path)
    {
        var file = new SignFile(File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite));
        File.SetUnixFileMode(file._handle, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        file.Give(0);
        return file;
    }

    /// <exception cref="IOException">There is none.</exception>
    public static SignFile Open(string path) => new(File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite));

    /// <summary>The newest instant given; 0 before the first.</summary>
    public long Newest
    {
        get
        {
            Span<byte> bytes = stackalloc byte[Size];
            return RandomAccess.Read(_handle, bytes, 0) == Size ? BinaryPrimitives.ReadInt64LittleEndian(bytes) : 0;
        }
    }

    public void Give(long instant)
    {
        Span<byte> bytes = stackalloc byte[Size];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, instant);
        RandomAccess.Write(_handle, bytes, 0);
    }

    public void Dispose() => _handle.Dispose();
}
