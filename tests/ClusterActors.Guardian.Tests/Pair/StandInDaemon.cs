using ClusterActors.Linux.Files;
using ClusterActors.Linux.Sockets;
using ClusterActors.Linux.Time;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Guardian.Tests.Pair;

/// <summary>Speaks the daemon's side of the guardian's socket: gives signs of life, keeps notes, asks.</summary>
internal sealed class StandInDaemon : IDisposable
{
    private const long SignInterval = 50_000_000;

    private readonly SeqPacketConnection _socket;
    private readonly SignFile _sign;
    private readonly GuardianConnection _protocol;
    private readonly Thread _thread;
    private readonly List<GuardianNote> _notes = [];
    private volatile bool _stop;

    public StandInDaemon(string path, string sign)
    {
        _socket = SeqPacketConnection.Connect(path);
        _sign = SignFile.Open(sign);
        _protocol = new GuardianConnection(m => _socket.TrySend(m.Span), OnNote);
        _thread = new Thread(Read) { IsBackground = true };
        _thread.Start();
        Assert.True(Ask(new Hello(Environment.ProcessId, "stand-in") { Understands = NoteEditions.Newest }).Succeeded);
    }

    /// <summary>Off: it hangs.</summary>
    public bool GivesSigns { get; set; } = true;

    public bool Closed { get; private set; }

    public IReadOnlyList<GuardianNote> Notes
    {
        get
        {
            lock (_notes)
                return [.. _notes];
        }
    }

    public Reply Ask(GuardianRequest request)
    {
        Task<Reply> answer = _protocol.Ask(request);
        Assert.True(answer.Wait(TimeSpan.FromSeconds(15)), $"no answer to {request.Type}");
        return answer.Result;
    }

    public Task<Reply> Begin(GuardianRequest request, Action<Reply>? inOrder = null) => _protocol.Ask(request, inOrder);

    public Reply Done(GuardianRequest request)
    {
        Reply reply = Ask(request);
        Assert.True(reply.Succeeded, $"{request.Type}: {reply.Result} {reply.Sentence}");
        return reply;
    }

    public GuardianTable Table() => Done(new GetTable()).Table;

    public void Dispose()
    {
        _stop = true;
        _thread.Join(TimeSpan.FromSeconds(2));
        _socket.Dispose();
        _sign.Dispose();
    }

    private void OnNote(GuardianNote note)
    {
        lock (_notes)
            _notes.Add(note);
    }

    private void Read()
    {
        var buffer = new byte[GuardianCodec.MaxFrameSize];
        using var poll = new PollSet(1);
        poll.Add(_socket.FileDescriptor);
        while (!_stop)
        {
            poll.WaitUntil(BootClock.NowNanoseconds() + SignInterval);
            if (GivesSigns)
                _sign.Give(BootClock.NowNanoseconds());
            while (true)
            {
                FrameReceive result = _socket.TryReceive(buffer, out int length);
                if (result == FrameReceive.Received)
                {
                    _protocol.Receive(buffer.AsSpan(0, length));
                    continue;
                }

                if (result == FrameReceive.Closed)
                {
                    Closed = true;
                    _protocol.Close("closed");
                    return;
                }

                break;
            }
        }
    }
}
