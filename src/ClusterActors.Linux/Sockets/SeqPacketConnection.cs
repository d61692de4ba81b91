using System.Runtime.InteropServices;
using System.Text;

namespace ClusterActors.Linux.Sockets;

public enum FrameSend
{
    Sent,

    /// <summary>The peer does not read; keep the frame in a bounded queue and wait for <see cref="PollEvents.Writable"/>.</summary>
    Full,
    Closed,
}

public enum FrameReceive
{
    Received,
    Empty,
    Closed,

    /// <summary>A frame larger than the buffer came and was lost: the peer does not keep to the contract, close the connection.</summary>
    Oversized,
}

/// <summary>
/// One end of a local Unix connection that keeps frame boundaries (SOCK_SEQPACKET). Never blocks, allocates nothing per frame; any
/// waiting and queueing is the owner's. The frame size is bounded by the buffer that the receiver passes.
/// </summary>
public sealed unsafe class SeqPacketConnection : IDisposable
{
    private int _fileDescriptor;

    internal SeqPacketConnection(int fileDescriptor)
    {
        _fileDescriptor = fileDescriptor;
        PeerCredentials credentials;
        uint length = (uint)sizeof(PeerCredentials);
        if (SocketNative.GetOption(fileDescriptor, SocketNative.LevelSocket, SocketNative.OptionPeerCredentials, &credentials, &length) != 0)
        {
            var failure = LinuxException.FromLastError("SO_PEERCRED of a local connection");
            Dispose();
            throw failure;
        }

        PeerProcessId = credentials.ProcessId;
        PeerUserId = credentials.UserId;
    }

    public int FileDescriptor => _fileDescriptor;

    /// <summary>As the kernel saw it when the connection was made; 0 when the peer lives in a foreign process namespace.</summary>
    public int PeerProcessId { get; }

    public uint PeerUserId { get; }

    /// <exception cref="LinuxException">Nobody listens, the backlog is full, or the path is not accessible.</exception>
    public static SeqPacketConnection Connect(string path)
    {
        var fileDescriptor = SeqPacketListener.OpenSocket(path);
        UnixAddress address;
        var length = SeqPacketListener.WriteAddress(&address, path);
        if (SocketNative.Connect(fileDescriptor, &address, length) == 0)
            return new SeqPacketConnection(fileDescriptor);

        var failure = LinuxException.FromLastError($"connect to {path}", "the server side must be running");
        _ = SocketNative.Close(fileDescriptor);
        throw failure;
    }

    public FrameSend TrySend(ReadOnlySpan<byte> frame)
    {
        ArgumentOutOfRangeException.ThrowIfZero(frame.Length);
        fixed (byte* data = frame)
        {
            while (true)
            {
                if (SocketNative.SendTo(_fileDescriptor, data, (nuint)frame.Length, SocketNative.MessageDontWait | SocketNative.MessageNoSignal, null, 0) >= 0)
                    return FrameSend.Sent;
                switch (Marshal.GetLastPInvokeError())
                {
                    case Errno.Interrupted:
                        continue;
                    case Errno.TryAgain or Errno.NoBuffers:
                        return FrameSend.Full;
                    case Errno.BrokenPipe or Errno.ConnectionReset or Errno.NotConnected:
                        return FrameSend.Closed;
                    case var error:
                        throw new LinuxException($"send of a frame of {frame.Length} bytes", error);
                }
            }
        }
    }

    public FrameReceive TryReceive(Span<byte> buffer, out int length)
    {
        length = 0;
        fixed (byte* data = buffer)
        {
            while (true)
            {
                var vector = new IoVector { Base = data, Length = (nuint)buffer.Length };
                var header = new MessageHeader { Vectors = &vector, VectorCount = 1 };
                var received = SocketNative.ReceiveMessage(_fileDescriptor, &header, SocketNative.MessageDontWait);
                if (received > 0)
                {
                    if ((header.Flags & SocketNative.MessageTruncated) != 0)
                        return FrameReceive.Oversized;
                    length = (int)received;
                    return FrameReceive.Received;
                }

                if (received == 0)
                    return FrameReceive.Closed;
                switch (Marshal.GetLastPInvokeError())
                {
                    case Errno.Interrupted:
                        continue;
                    case Errno.TryAgain:
                        return FrameReceive.Empty;
                    case Errno.ConnectionReset or Errno.NotConnected:
                        return FrameReceive.Closed;
                    case var error:
                        throw new LinuxException("receive of a frame", error);
                }
            }
        }
    }

    public void Dispose()
    {
        var fileDescriptor = Interlocked.Exchange(ref _fileDescriptor, -1);
        if (fileDescriptor >= 0)
            _ = SocketNative.Close(fileDescriptor);
    }
}
