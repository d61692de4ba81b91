using System.Net.Sockets;
using ClusterActors.Linux.Files;
using ClusterActors.Linux.Time;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Node.Guardian;

/// <summary>
/// The daemon's end of <c>guardian.sock</c>: one thread connects, greets, reads frames and hands notes on; when the connection ends
/// it connects again. A guardian that ended takes every program with it, so a new connection may be to a new incarnation.
/// </summary>
internal sealed class GuardianSocketLink : IGuardianLink, IDisposable
{
    private static readonly TimeSpan ReconnectPause = TimeSpan.FromMilliseconds(100);
    private readonly string _path;
    private readonly string _sign;
    private readonly string _release;
    private readonly TimeProvider _time;
    private readonly Action<string> _log;
    private readonly Thread _thread;
    private readonly CancellationTokenSource _stop = new();
    private volatile Action<GuardianNote>? _handler;
    private volatile Connected? _connected;
    private volatile Welcome? _welcome;

    /// <param name="path">Its socket.</param>
    /// <param name="sign">Its file for the sign of life.</param>
    /// <param name="release">Of this daemon, for its log.</param>
    public GuardianSocketLink(string path, string sign, string release, TimeProvider time, Action<string> log)
    {
        (_path, _sign, _release, _time, _log) = (path, sign, release, time, log);
        _thread = new Thread(Run, 256 * 1024) { IsBackground = true, Name = "guardian-link" };
    }

    public Welcome? Welcome => _welcome;

    public void OnNote(Action<GuardianNote> handler) => _handler = handler;

    /// <summary>Called on the link's thread when the connection has ended.</summary>
    public Action? OnLost { get; set; }

    public void Start() => _thread.Start();

    public async Task<Reply> AskAsync(GuardianRequest request, TimeSpan timeout, Action<Reply>? inOrder = null, CancellationToken cancellationToken = default)
    {
        var connected = _connected ?? throw new IOException($"guardian {_path}: not connected; {request.Type} was not sent");
        var answer = connected.Protocol.Ask(request, inOrder);
        try
        {
            return await answer.WaitAsync(timeout, _time, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            connected.Protocol.Forget(answer);
            if (e is TimeoutException)
                throw new TimeoutException($"guardian {_path}: no answer to {request.Type} within {timeout.TotalSeconds:0.###} s");
            throw;
        }
    }

    public void GiveSign()
    {
        try
        {
            _connected?.Sign.Give(BootClock.NowNanoseconds());
        }
        catch (ObjectDisposedException)
        {
            // The connection has just ended, and its hold of the file with it; the next one opens it again.
        }
        catch (IOException e)
        {
            // Without signs the guardian counts us as hung and restarts us.
            _log($"guardian {_sign}: {e.Message}");
        }
    }

    public void Dispose()
    {
        _stop.Cancel();
        _connected?.Socket.Dispose();
        if (_thread.IsAlive)
            _thread.Join(TimeSpan.FromSeconds(1));
        _stop.Dispose();
    }

    private void Run()
    {
        string? lastProblem = null;
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                ConnectAndRead(() => lastProblem = null);
            }
            catch (Exception e) when (e is SocketException or IOException or UnauthorizedAccessException or GuardianFormatException or ObjectDisposedException)
            {
                if (e.Message != lastProblem && !_stop.IsCancellationRequested)
                    _log($"guardian {_path}: {e.Message}; connecting again every {ReconnectPause.TotalMilliseconds} ms");
                lastProblem = e.Message;
            }

            _stop.Token.WaitHandle.WaitOne(ReconnectPause);
        }
    }

    private void ConnectAndRead(Action connected)
    {
        using var sign = SignFile.Open(_sign);
        using var socket = new Socket(AddressFamily.Unix, SocketType.Seqpacket, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(_path));
        connected();
        var protocol = new GuardianConnection(message => socket.Send(message.Span), Deliver);
        _connected = new Connected(socket, sign, protocol);
        try
        {
            _ = protocol.Ask(new Hello(Environment.ProcessId, _release) { Understands = NoteEditions.Newest });
            var buffer = new byte[GuardianCodec.MaxFrameSize];
            while (socket.Receive(buffer) is > 0 and var size)
                protocol.Receive(buffer.AsSpan(0, size));
        }
        finally
        {
            _connected = null;
            _welcome = null;
            protocol.Close("the guardian closed the connection or ended");
            OnLost?.Invoke();
        }
    }

    private void Deliver(GuardianNote note)
    {
        if (note is Welcome welcome)
            _welcome = welcome;
        _handler?.Invoke(note);
    }

    private sealed record Connected(Socket Socket, SignFile Sign, GuardianConnection Protocol);
}
