using System.Runtime.InteropServices;
using System.Text;

namespace ClusterActors.Linux.Sockets;

/// <summary>
/// Listens for local connections on a path. Only the mode given can reach the socket from its first instant: it is made with that mode, inside
/// a folder that must already exist.
/// </summary>
public sealed unsafe class SeqPacketListener : IDisposable
{
    private const int Backlog = 16;

    private readonly string _path;
    private int _fileDescriptor;

    /// <param name="path">At most 107 bytes. A file already there is taken for the leftover of an earlier life and removed.</param>
    /// <param name="mode">Access bits of the socket, such as 0600 (octal).</param>
    /// <exception cref="LinuxException">The path cannot be made or is too long.</exception>
    public SeqPacketListener(string path, UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite)
    {
        _path = path;
        _fileDescriptor = OpenSocket(path);
        try
        {
            File.Delete(path);
            UnixAddress address;
            var length = WriteAddress(&address, path);
            // The file that bind makes takes its mode from the socket's own inode, so there is no instant with a wider one.
            if (SocketNative.ChangeMode(_fileDescriptor, (uint)mode) != 0)
                throw LinuxException.FromLastError($"mode of {path}");
            if (SocketNative.Bind(_fileDescriptor, &address, length) != 0)
                throw LinuxException.FromLastError($"bind {path}", "the folder must exist and be writable");
            if (SocketNative.Listen(_fileDescriptor, Backlog) != 0)
                throw LinuxException.FromLastError($"listen on {path}");
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public int FileDescriptor => _fileDescriptor;

    /// <summary>The next waiting connection, or null.</summary>
    public SeqPacketConnection? TryAccept()
    {
        while (true)
        {
            var accepted = SocketNative.Accept(_fileDescriptor, null, null, SocketNative.NonBlocking | SocketNative.CloseOnExec);
            if (accepted >= 0)
                return new SeqPacketConnection(accepted);
            var error = Marshal.GetLastPInvokeError();
            if (error == Errno.TryAgain)
                return null;
            if (error is not (Errno.Interrupted or Errno.ConnectionAborted))
                throw new LinuxException($"accept on {_path}", error);
        }
    }

    public void Dispose()
    {
        var fileDescriptor = Interlocked.Exchange(ref _fileDescriptor, -1);
        if (fileDescriptor < 0)
            return;
        _ = SocketNative.Close(fileDescriptor);
        File.Delete(_path);
    }

    internal static int OpenSocket(string path)
    {
        var fileDescriptor = SocketNative.Socket(
            SocketNative.FamilyUnix, SocketNative.TypeSequencedPackets | SocketNative.NonBlocking | SocketNative.CloseOnExec, 0);
        return fileDescriptor >= 0 ? fileDescriptor : throw LinuxException.FromLastError($"socket for {path}");
    }

    internal static uint WriteAddress(UnixAddress* address, string path)
    {
        *address = default;
        address->Family = SocketNative.FamilyUnix;
        var count = Encoding.UTF8.GetByteCount(path);
        if (count >= UnixAddress.PathBytes)
            throw new ArgumentException($"socket path '{path}': found {count} bytes; at most {UnixAddress.PathBytes - 1} are allowed; use a shorter folder");
        Encoding.UTF8.GetBytes(path, new Span<byte>(address->Path, UnixAddress.PathBytes));
        return (uint)sizeof(UnixAddress);
    }
}
