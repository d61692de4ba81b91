using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ClusterActors.Linux.Sockets;

/// <summary>
/// Many descriptors behind one (epoll): the set's own descriptor becomes readable when any of them is ready, so a poll loop with a
/// fixed array can serve a changing number of them. Level-triggered. Each is known to its owner by a number of its choice.
/// </summary>
public sealed unsafe class EpollSet : IDisposable
{
    private const int OperationAdd = 1;
    private const int OperationDelete = 2;
    private const int Batch = 32;

    // The kernel packs the structure on x86-64, so that 32-bit programs see the same layout; elsewhere it is aligned.
    private static readonly int EntryBytes = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;

    private int _fileDescriptor;

    public EpollSet()
    {
        _fileDescriptor = SocketNative.EpollCreate(SocketNative.CloseOnExec);
        if (_fileDescriptor < 0)
            throw LinuxException.FromLastError("epoll_create1");
    }

    public int FileDescriptor => _fileDescriptor;

    public void Add(int fileDescriptor, PollEvents events, long token)
    {
        var entry = stackalloc byte[16];
        Unsafe.WriteUnaligned(entry, (uint)(ushort)events);
        Unsafe.WriteUnaligned(entry + EntryBytes - sizeof(long), token);
        if (SocketNative.EpollControl(_fileDescriptor, OperationAdd, fileDescriptor, entry) != 0)
            throw LinuxException.FromLastError($"epoll_ctl add of descriptor {fileDescriptor}");
    }

    /// <summary>To be called before the descriptor is closed.</summary>
    public void Remove(int fileDescriptor)
    {
        var entry = stackalloc byte[16];
        if (SocketNative.EpollControl(_fileDescriptor, OperationDelete, fileDescriptor, entry) != 0)
            throw LinuxException.FromLastError($"epoll_ctl delete of descriptor {fileDescriptor}");
    }

    /// <summary>Writes the tokens of the ready descriptors, at most 32 and at most the span's length; never waits.</summary>
    public int Poll(Span<long> tokens)
    {
        var entries = stackalloc byte[Batch * 16];
        var count = SocketNative.EpollWait(_fileDescriptor, entries, Math.Min(Batch, tokens.Length), 0);
        if (count < 0)
        {
            var error = Marshal.GetLastPInvokeError();
            return error == Errno.Interrupted ? 0 : throw new LinuxException("epoll_wait", error);
        }

        for (var index = 0; index < count; index++)
            tokens[index] = Unsafe.ReadUnaligned<long>(entries + index * EntryBytes + EntryBytes - sizeof(long));
        return count;
    }

    public void Dispose()
    {
        var fileDescriptor = Interlocked.Exchange(ref _fileDescriptor, -1);
        if (fileDescriptor >= 0)
            _ = SocketNative.Close(fileDescriptor);
    }
}
