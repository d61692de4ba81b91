using System.Buffers.Binary;
using System.Net.Security;
using System.Net.Sockets;

namespace ClusterActors.Remoting;

/// <summary>
/// Frames over one TLS stream. Senders append to a buffer and go on; one loop writes whatever has gathered in one piece, so the
/// busier the link, the larger its writes. The buffer is bounded: a sender that finds no room is told so at once.
/// </summary>
internal sealed class TlsConnection(SslStream stream, Socket socket, string peer, TlsOptions options, TimeProvider time) : ILinkConnection, IDisposable
{
    /// <summary>Beyond this a length is no large message but nonsense.</summary>
    private const int AbsurdBytes = 256 << 20;
    private const int StartOfOversize = 4096;
    private static readonly TimeSpan GoodbyeTime = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _somethingToSend = new(0, 1);
    private byte[] _gathering = new byte[64 * 1024];
    private byte[] _writing = new byte[64 * 1024];
    private int _gathered;
    private bool _signalled;
    private volatile string? _closing;
    private int _ended;
    private int _told;
    private Action<ReadOnlyMemory<byte>>? _onFrame;
    private Action<int, ReadOnlyMemory<byte>>? _onOversize;
    private Action<string>? _onClosed;

    public string Peer => peer;

    public void Start(Action<ReadOnlyMemory<byte>> onFrame, Action<int, ReadOnlyMemory<byte>> onOversize, Action<string> onClosed)
    {
        (_onFrame, _onOversize, _onClosed) = (onFrame, onOversize, onClosed);
        _ = Task.Run(WriteLoopAsync);
        _ = Task.Run(ReadLoopAsync);
    }

    public bool TrySend(ReadOnlySpan<byte> frame)
    {
        bool signal;
        lock (_gate)
        {
            if (_closing is not null || _gathered + frame.Length > options.MaxQueuedBytes)
            {
                return false;
            }

            if (_gathering.Length < _gathered + frame.Length)
            {
                Array.Resize(ref _gathering, Math.Max(_gathering.Length * 2, _gathered + frame.Length));
            }

            frame.CopyTo(_gathering.AsSpan(_gathered));
            _gathered += frame.Length;
            signal = !_signalled;
            _signalled = true;
        }

        if (signal)
        {
            _somethingToSend.Release();
        }

        return true;
    }

    public void Close(string reason)
    {
        if (BeginClose(reason))
        {
            _ = EndSoonAsync(reason);
        }
    }

    public void Dispose() => End("disposed");

    private bool BeginClose(string reason)
    {
        bool signal;
        lock (_gate)
        {
            if (_closing is not null)
            {
                return false;
            }

            _closing = reason;
            signal = !_signalled;
            _signalled = true;
        }

        if (signal)
        {
            _somethingToSend.Release();
        }

        return true;
    }

    /// <summary>A peer that does not read must not keep the connection: after the time for a goodbye it is cut.</summary>
    private async Task EndSoonAsync(string reason)
    {
        await Task.Delay(GoodbyeTime, time).ConfigureAwait(false);
        End(reason);
    }

    private async Task WriteLoopAsync()
    {
        try
        {
            while (true)
            {
                await _somethingToSend.WaitAsync().ConfigureAwait(false);
                var (count, closing) = TakeGathered();
                if (closing is null)
                {
                    await stream.WriteAsync(_writing.AsMemory(0, count)).ConfigureAwait(false);
                    continue;
                }

                if (await SayGoodbyeAsync(count).ConfigureAwait(false))
                {
                    TellClosed();
                }
                else
                {
                    End(closing);
                }

                return;
            }
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or InvalidOperationException)
        {
            End($"sending failed: {e.Message}");
        }
    }

    private (int Count, string? Closing) TakeGathered()
    {
        lock (_gate)
        {
            (_gathering, _writing) = (_writing, _gathering);
            var count = _gathered;
            _gathered = 0;
            _signalled = false;
            return (count, _closing);
        }
    }

    /// <summary>
    /// Sends the rest and the end of what is sent; false when the peer does not read any more. The socket is closed by the reading
    /// loop, when the peer has read everything and closed, or by the time for a goodbye: one that is closed with bytes unread in it (a
    /// session ticket is enough) is reset by the kernel, and a reset throws away what the peer has not read yet.
    /// The end is TCP's own and not TLS's alert, which <see cref="SslStream"/> cannot make beside a reading loop; nothing rests on the
    /// alert, since frames have lengths and a goodbye is a frame.
    /// </summary>
    private async Task<bool> SayGoodbyeAsync(int count)
    {
        using var limit = new CancellationTokenSource(GoodbyeTime, time);
        try
        {
            await stream.WriteAsync(_writing.AsMemory(0, count), limit.Token).ConfigureAwait(false);
            socket.Shutdown(SocketShutdown.Send);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false; // It notices by the end of the connection.
        }
    }

    private async Task ReadLoopAsync()
    {
        var buffer = new byte[64 * 1024];
        var filled = 0;
        try
        {
            while (true)
            {
                if (_closing is not null)
                {
                    filled = 0; // Only the peer's end is waited for; nobody here is interested in what it still says.
                }

                var read = await stream.ReadAsync(buffer.AsMemory(filled)).ConfigureAwait(false);
                if (read == 0)
                {
                    End("the peer closed the connection");
                    return;
                }

                filled += read;
                var (used, needed) = DeliverFrames(buffer.AsMemory(0, filled));
                filled -= used;
                buffer.AsSpan(used, filled).CopyTo(buffer);
                if (needed - FrameBuffer.LengthBytes > options.MaxFrameBytes)
                {
                    filled = await PassOverAsync(buffer, filled, needed).ConfigureAwait(false);
                }
                else if (needed > buffer.Length)
                {
                    Array.Resize(ref buffer, needed);
                }
                else if (filled == 0 && buffer.Length > 256 * 1024)
                {
                    buffer = new byte[64 * 1024]; // A rare large message does not keep its room for ever.
                }
            }
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or InvalidOperationException or MalformedFrameException)
        {
            End($"receiving failed: {e.Message}");
        }
    }

    /// <summary>Delivers whole frames; returns the bytes used and the size of the next frame, as far as it is known.</summary>
    private (int Used, int Needed) DeliverFrames(ReadOnlyMemory<byte> bytes)
    {
        var used = 0;
        while (_closing is null && bytes.Length - used >= FrameBuffer.LengthBytes)
        {
            var length = BinaryPrimitives.ReadInt32LittleEndian(bytes.Span[used..]);
            if (length is < 1 or > AbsurdBytes)
            {
                throw new MalformedFrameException($"a frame says it is {length} bytes long");
            }

            var whole = FrameBuffer.LengthBytes + length;
            if (length > options.MaxFrameBytes || bytes.Length - used < whole)
            {
                return (used, whole);
            }

            _onFrame!(bytes.Slice(used + FrameBuffer.LengthBytes, length));
            used += whole;
        }

        return (used, 0);
    }

    /// <summary>Reads a frame that is too large without keeping it; returns how much of what follows is in the buffer already.</summary>
    private async Task<int> PassOverAsync(byte[] buffer, int filled, int whole)
    {
        while (filled < Math.Min(whole, StartOfOversize))
        {
            filled += await ReadSomeAsync(buffer.AsMemory(filled)).ConfigureAwait(false);
        }

        _onOversize!(whole - FrameBuffer.LengthBytes, buffer.AsMemory(FrameBuffer.LengthBytes, Math.Min(filled, StartOfOversize) - FrameBuffer.LengthBytes));
        var left = whole;
        while (left > filled)
        {
            left -= filled;
            filled = await ReadSomeAsync(buffer).ConfigureAwait(false);
        }

        buffer.AsSpan(left, filled - left).CopyTo(buffer);
        return filled - left;
    }

    private async ValueTask<int> ReadSomeAsync(Memory<byte> into)
    {
        var read = await stream.ReadAsync(into).ConfigureAwait(false);
        return read > 0 ? read : throw new IOException("the peer closed the connection inside a frame");
    }

    private void End(string reason)
    {
        BeginClose(reason); // Also wakes the writing loop, which then ends on the disposed stream.
        if (Interlocked.Exchange(ref _ended, 1) == 0)
        {
            stream.Dispose();
            TellClosed();
        }
    }

    private void TellClosed()
    {
        if (Interlocked.Exchange(ref _told, 1) == 0)
        {
            _onClosed?.Invoke(_closing!);
        }
    }
}
