using System.Buffers.Binary;

namespace ClusterActors.Linux.Net;

/// <summary>One part of a dump: the message type and its body behind the netlink header.</summary>
internal delegate void NetlinkVisitor(ushort type, ReadOnlySpan<byte> body);

/// <summary>
/// A netlink socket of one protocol, used by one thread at a time. It belongs to the network namespace of the thread that opened it.
/// Waits are bounded by <see cref="AnswerTimeoutMs"/>.
/// </summary>
internal sealed unsafe class NetlinkTransport : IDisposable
{
    public const int Route = 0;
    public const int SocketDiagnostics = 4;
    public const int Netfilter = 12;
    private const int AnswerTimeoutMs = 2000;
    private const int MaximumDumpRetries = 5;
    private const ushort TypeError = 2;
    private const ushort TypeDone = 3;
    private const ushort FlagDumpInterrupted = 0x10;
    private const int OptionExtendedAck = 11;
    private const int OptionCapAck = 10;

    // The kernel fills dump answers up to 32 KiB.
    private readonly byte[] _receive = new byte[32 * 1024];
    private readonly string _name;
    private int _fd;
    private uint _sequence;
    private string? _kernelText;

    public NetlinkTransport(int protocol, string name)
    {
        _name = name;
        _fd = NetNative.Socket(NetNative.AfNetlink, NetNative.SockRaw | NetNative.SockCloseOnExec, protocol);
        if (_fd < 0) throw new NetworkException(name, "cannot open a netlink socket", NetNative.LastErrno);
        var one = 1;
        // Both options only make answers better; kernels without them still answer.
        _ = NetNative.SetSockOpt(_fd, NetNative.SolNetlink, OptionExtendedAck, &one, sizeof(int));
        _ = NetNative.SetSockOpt(_fd, NetNative.SolNetlink, OptionCapAck, &one, sizeof(int));
        var address = stackalloc byte[12];
        new Span<byte>(address, 12).Clear();
        *(ushort*)address = NetNative.AfNetlink;
        if (NetNative.Bind(_fd, address, 12) < 0)
        {
            var errno = NetNative.LastErrno;
            Dispose();
            throw new NetworkException(name, "cannot bind the netlink socket", errno);
        }
    }

    /// <summary>Sends one request that carries FlagAck and returns the kernel's error number (0 = done).</summary>
    public int Request(NetlinkWriter writer, out string? kernelText)
    {
        Number(writer);
        var last = _sequence;
        _kernelText = null;
        var errno = Send(writer);
        if (errno == 0) errno = AwaitAnswer(last, writer.MessageCount);
        kernelText = _kernelText;
        return errno;
    }

    public void Request(NetlinkWriter writer, string what)
    {
        var errno = Request(writer, out var text);
        if (errno != 0) throw new NetworkException(_name, what, errno, text);
    }

    /// <summary>Runs a dump and repeats it when the kernel says that the list changed meanwhile. <paramref name="restart"/> forgets the first try's items.</summary>
    public int Dump(NetlinkWriter writer, NetlinkVisitor visit, Action restart)
    {
        for (var attempt = 0; attempt < MaximumDumpRetries; attempt++)
        {
            restart();
            Number(writer);
            var errno = Send(writer);
            if (errno != 0) return errno;
            errno = CollectDump(_sequence, visit, out var interrupted);
            if (errno != 0 || !interrupted) return errno;
        }
        return Errno.EAGAIN;
    }

    public void Dump(NetlinkWriter writer, NetlinkVisitor visit, Action restart, string what)
    {
        var errno = Dump(writer, visit, restart);
        if (errno != 0) throw new NetworkException(_name, what, errno);
    }

    public void Dispose()
    {
        var fd = Interlocked.Exchange(ref _fd, -1);
        if (fd >= 0) _ = NetNative.Close(fd);
    }

    /// <summary>
    /// Sends a finished batch whose last message before the end asks for an acknowledgement and takes the answers that are there.
    /// The kernel works through netlink requests inside the send call, so nothing is waited for: no answer counts as a failure.
    /// Allocates nothing; for the beat thread.
    /// </summary>
    public int RequestNow(NetlinkWriter writer)
    {
        Number(writer);
        var last = _sequence;
        fixed (byte* bytes = writer.Buffer)
        {
            if (NetNative.SendTo(_fd, bytes, writer.Length, NetNative.MsgDontWait, null, 0) != writer.Length) return NetNative.LastErrno;
        }
        var result = Errno.EAGAIN;
        fixed (byte* receive = _receive)
        {
            for (var messages = 0; messages < 64; messages++)
            {
                var length = NetNative.ReceiveFrom(_fd, receive, _receive.Length, NetNative.MsgDontWait, null, null);
                if (length < 0)
                {
                    var errno = NetNative.LastErrno;
                    return errno == Errno.EAGAIN ? result : errno;
                }
                result = WorstAnswer(new ReadOnlySpan<byte>(receive, (int)length), writer.MessageCount, last, result);
            }
        }
        return result;
    }

    private static int WorstAnswer(ReadOnlySpan<byte> data, int messageCount, uint last, int result)
    {
        while (data.Length >= 20)
        {
            var length = (int)BinaryPrimitives.ReadUInt32LittleEndian(data);
            if (length < 16 || length > data.Length) return result;
            var sequence = BinaryPrimitives.ReadUInt32LittleEndian(data[8..]);
            // Answers of an earlier, failed batch may still be queued; only this batch's count.
            if (BinaryPrimitives.ReadUInt16LittleEndian(data[4..]) == TypeError && last - sequence < (uint)messageCount)
            {
                var errno = -BinaryPrimitives.ReadInt32LittleEndian(data[16..]);
                if (errno != 0) result = errno;
                else if (result == Errno.EAGAIN) result = 0;
            }
            data = data[Math.Min((length + 3) & ~3, data.Length)..];
        }
        return result;
    }

    private void Number(NetlinkWriter writer)
    {
        var data = writer.Written;
        for (var offset = 0; offset < data.Length;)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(data[(offset + 8)..], ++_sequence);
            offset += (BinaryPrimitives.ReadInt32LittleEndian(data[offset..]) + 3) & ~3;
        }
    }

    private int Send(NetlinkWriter writer)
    {
        fixed (byte* bytes = writer.Buffer)
        {
            return NetNative.SendTo(_fd, bytes, writer.Length, 0, null, 0) == writer.Length ? 0 : NetNative.LastErrno;
        }
    }

    /// <summary>
    /// The first error or acknowledgement of these messages ends the wait: only the last message (before a batch's end) asks for an
    /// acknowledgement, and the kernel answers in order, so errors come first.
    /// </summary>
    private int AwaitAnswer(uint last, int messageCount)
    {
        while (true)
        {
            var length = Receive(out var errno);
            if (errno != 0) return errno;
            var data = _receive.AsSpan(0, length);
            while (data.Length >= 20)
            {
                var size = BinaryPrimitives.ReadInt32LittleEndian(data);
                if (size < 20 || size > data.Length) break;
                var mine = last - BinaryPrimitives.ReadUInt32LittleEndian(data[8..]) < (uint)messageCount;
                if (mine && BinaryPrimitives.ReadUInt16LittleEndian(data[4..]) == TypeError)
                {
                    var result = -BinaryPrimitives.ReadInt32LittleEndian(data[16..]);
                    if (result != 0) ReadKernelText(data[..size]);
                    return result;
                }
                data = data[Math.Min((size + 3) & ~3, data.Length)..];
            }
        }
    }

    private int CollectDump(uint sequence, NetlinkVisitor visit, out bool interrupted)
    {
        interrupted = false;
        while (true)
        {
            var length = Receive(out var errno);
            if (errno != 0) return errno;
            ReadOnlySpan<byte> data = _receive.AsSpan(0, length);
            while (data.Length >= 16)
            {
                var size = BinaryPrimitives.ReadInt32LittleEndian(data);
                if (size < 16 || size > data.Length) break;
                var type = BinaryPrimitives.ReadUInt16LittleEndian(data[4..]);
                var mine = BinaryPrimitives.ReadUInt32LittleEndian(data[8..]) == sequence;
                interrupted |= mine && (BinaryPrimitives.ReadUInt16LittleEndian(data[6..]) & FlagDumpInterrupted) != 0;
                if (mine && type == TypeDone) return size >= 20 ? -BinaryPrimitives.ReadInt32LittleEndian(data[16..]) : 0;
                if (mine && type == TypeError) return -BinaryPrimitives.ReadInt32LittleEndian(data[16..]);
                if (mine) visit(type, data[16..size]);
                data = data[Math.Min((size + 3) & ~3, data.Length)..];
            }
        }
    }

    private int Receive(out int errno)
    {
        errno = 0;
        if (!NetNative.WaitReadable(_fd, AnswerTimeoutMs))
        {
            errno = Errno.EAGAIN;
            return 0;
        }
        fixed (byte* receive = _receive)
        {
            var length = NetNative.ReceiveFrom(_fd, receive, _receive.Length, 0, null, null);
            if (length < 0) errno = NetNative.LastErrno;
            return (int)Math.Max(length, 0);
        }
    }

    private void ReadKernelText(ReadOnlySpan<byte> message)
    {
        const ushort flagCapped = 0x100;
        const ushort flagTlvs = 0x200;
        var flags = BinaryPrimitives.ReadUInt16LittleEndian(message[6..]);
        if ((flags & flagTlvs) == 0) return;
        var offset = 36; // header 16 + error 4 + the header of the request 16
        if ((flags & flagCapped) == 0) offset = 20 + ((BinaryPrimitives.ReadInt32LittleEndian(message[20..]) + 3) & ~3);
        if (offset >= message.Length) return;
        var attributes = new NetlinkAttributes(message[offset..]);
        while (attributes.Next())
        {
            if (attributes.Type == 1) _kernelText = attributes.Text;
        }
    }
}
