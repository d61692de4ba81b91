using ClusterActors.Linux.Files;
using ClusterActors.Linux.Sockets;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Guardian.Control;

/// <summary>
/// The connection of the present node daemon. Frames that the socket does not take wait in a bounded queue; when that is full the daemon does
/// not read, and the connection is to be dropped: it counts as hung.
/// </summary>
internal sealed class DaemonConnection(SeqPacketConnection socket, SignFile sign) : IDaemonConnection
{
    /// <summary>Most frames that wait for the daemon.</summary>
    public const int MaxQueued = 1024;

    private readonly Queue<byte[]> _waiting = new();
    private readonly byte[] _buffer = new byte[GuardianCodec.MaxFrameSize];

    public int FileDescriptor => socket.FileDescriptor;

    public int PeerProcessId => socket.PeerProcessId;

    public long LastSign
    {
        get
        {
            try
            {
                return sign.Newest;
            }
            catch (IOException)
            {
                // No reason to end the guardian, and with it all programs: the daemon counts as silent.
                return 0;
            }
        }
    }

    /// <summary>It has said hello.</summary>
    public bool Greeted { get; set; }

    /// <summary>Why it must be dropped; null while it is fine.</summary>
    public string? Broken { get; private set; }

    public bool HasWaiting => _waiting.Count > 0;

    public void Send(GuardianFrame frame, ulong requestId)
    {
        if (Broken is not null)
            return;
        byte[] bytes = GuardianCodec.Encode(frame, requestId);
        if (_waiting.Count == 0 && TrySend(bytes))
            return;
        if (_waiting.Count >= MaxQueued)
            Broken = $"it does not read: {MaxQueued} frames wait";
        else if (Broken is null)
            _waiting.Enqueue(bytes);
    }

    /// <summary>The socket takes frames again.</summary>
    public void Flush()
    {
        while (Broken is null && _waiting.TryPeek(out byte[]? bytes) && TrySend(bytes))
            _waiting.Dequeue();
    }

    /// <summary>The next frame, or null when none waits (or the connection is broken).</summary>
    public GuardianFrame? Receive(out ulong requestId)
    {
        requestId = 0;
        if (Broken is not null)
            return null;
        switch (socket.TryReceive(_buffer, out int length))
        {
            case FrameReceive.Received:
                try
                {
                    return GuardianCodec.Decode(_buffer.AsSpan(0, length), out requestId);
                }
                catch (GuardianFormatException e)
                {
                    Broken = e.Message;
                    return null;
                }

            case FrameReceive.Closed:
                Broken = "it closed the connection or ended";
                return null;
            case FrameReceive.Oversized:
                Broken = $"it sent a frame above {GuardianCodec.MaxFrameSize} bytes";
                return null;
            default:
                return null;
        }
    }

    /// <summary>What is answered later, as a start that was under way when the daemon was killed, has nobody to go to.</summary>
    public void Dispose()
    {
        Broken ??= "it was dropped";
        socket.Dispose();
    }

    private bool TrySend(byte[] bytes)
    {
        switch (socket.TrySend(bytes))
        {
            case FrameSend.Sent:
                return true;
            case FrameSend.Closed:
                Broken = "it closed the connection or ended";
                return false;
            default:
                return false;
        }
    }
}
