using ClusterActors.Guardian.Control;
using ClusterActors.Model.Guardian;
using ClusterActors.Simulation.Guardian;
using ClusterActors.Simulation.Machine;
using ClusterActors.Simulation.Time;

namespace ClusterActors.Simulation.Daemon;

/// <summary>
/// <c>guardian.sock</c> as the daemon sees it. Frames are really written and read; each way takes a little time and keeps the order. Connects
/// again every 100 ms.
/// </summary>
internal sealed class SimGuardianLink(DaemonProcess daemon, Chance chance) : IGuardianLink
{
    private static readonly TimeSpan ReconnectPause = TimeSpan.FromMilliseconds(100);
    private readonly Dictionary<ulong, (TaskCompletionSource<Reply> Answer, Action<Reply>? InOrder)> _pending = [];
    private Action<GuardianNote>? _handler;
    private Pipe? _pipe;
    private ulong _lastId;

    public Welcome? Welcome { get; private set; }

    public Action? OnLost { get; set; }

    /// <summary>Questions without an answer.</summary>
    public int Pending => _pending.Count;

    public void OnNote(Action<GuardianNote> handler) => _handler = handler;

    public void Connect()
    {
        if (daemon.Machine.Guardian is not { } guardian)
        {
            daemon.PostAfter(ReconnectPause, Connect);
            return;
        }

        _pipe = new Pipe(this, daemon, guardian, chance);
        _pipe.Open();
        Ask(new Hello(1, "simulated") { Understands = NoteEditions.Newest }, new TaskCompletionSource<Reply>(), null);
    }

    public async Task<Reply> AskAsync(GuardianRequest request, TimeSpan timeout, Action<Reply>? inOrder = null, CancellationToken cancellationToken = default)
    {
        if (_pipe is null)
            throw new IOException($"guardian: not connected; {request.Type} was not sent");
        var answer = new TaskCompletionSource<Reply>();
        ulong id = Ask(request, answer, inOrder);
        var timer = new SimTimer(daemon.Timers, () => GiveUp(id, new TimeoutException($"guardian: no answer to {request.Type} within {timeout.TotalSeconds} s")));
        timer.SetAt(daemon.Machine.Clock.Local + (timeout.Ticks * 100));
        using (cancellationToken.Register(() => GiveUp(id, new OperationCanceledException(cancellationToken))))
        {
            try
            {
                return await answer.Task.ConfigureAwait(false);
            }
            finally
            {
                timer.Cancel();
            }
        }
    }

    public void GiveSign()
    {
        if (_pipe is not null)
            daemon.Machine.Sign = daemon.Machine.Clock.Local;
    }

    public void ProcessEnded()
    {
        _pipe?.DaemonEnded();
        _pipe = null;
    }

    private ulong Ask(GuardianRequest request, TaskCompletionSource<Reply> answer, Action<Reply>? inOrder)
    {
        ulong id = ++_lastId;
        _pending.Add(id, (answer, inOrder));
        _pipe!.ToGuardian(request, id);
        return id;
    }

    private void GiveUp(ulong id, Exception why)
    {
        if (_pending.Remove(id, out (TaskCompletionSource<Reply> Answer, Action<Reply>? InOrder) pending))
            HereAndNow.Run(() => pending.Answer.TrySetException(why));
    }

    private void Arrived(Pipe from, byte[] bytes)
    {
        if (from != _pipe)
            return;
        switch (GuardianCodec.Decode(bytes, out ulong id))
        {
            case Reply reply:
                if (_pending.Remove(id, out (TaskCompletionSource<Reply> Answer, Action<Reply>? InOrder) pending))
                {
                    pending.InOrder?.Invoke(reply);
                    pending.Answer.TrySetResult(reply);
                }

                break;
            case Welcome welcome:
                Welcome = welcome;
                _handler?.Invoke(welcome);
                break;
            case GuardianNote note:
                _handler?.Invoke(note);
                break;
        }
    }

    private void Lost(Pipe which)
    {
        if (which != _pipe)
            return;
        (_pipe, Welcome) = (null, null);
        TaskCompletionSource<Reply>[] open = [.. _pending.Values.Select(p => p.Answer)];
        _pending.Clear();
        foreach (TaskCompletionSource<Reply> answer in open)
            answer.TrySetException(new IOException("guardian connection: ended before the answer"));
        OnLost?.Invoke();
        daemon.PostAfter(ReconnectPause, Connect);
    }

    /// <summary>One connection; the guardian's end.</summary>
    private sealed class Pipe(SimGuardianLink link, DaemonProcess daemon, GuardianProcess guardian, Chance chance) : IDaemonConnection
    {
        private long _toDaemonAt;
        private long _toGuardianAt;
        private bool _closed;

        public bool Greeted { get; set; }

        public int PeerProcessId => 1;

        public long LastSign => guardian.Machine.Sign;

        public void Open() => Later(guardian, ref _toGuardianAt, () => guardian.InControl(() => guardian.Core.Accept(this)));

        public void Send(GuardianFrame frame, ulong requestId)
        {
            if (_closed)
                return;
            if (frame is PeerChanged { State: PeerState.Down } peer)
                daemon.World.Shots.SaidDown(daemon.Machine, peer.Server);
            byte[] bytes = GuardianCodec.Encode(frame, requestId);
            Later(daemon, ref _toDaemonAt, () => link.Arrived(this, bytes));
        }

        public void ToGuardian(GuardianRequest request, ulong id)
        {
            byte[] bytes = GuardianCodec.Encode(request, id);
            Later(guardian, ref _toGuardianAt, () => guardian.InControl(() =>
            {
                if (guardian.Core.Connection == this)
                    guardian.Core.Receive(this, GuardianCodec.Decode(bytes, out ulong requestId), requestId);
            }));
        }

        public void DaemonEnded()
        {
            _closed = true;
            Later(guardian, ref _toGuardianAt, () => guardian.InControl(() =>
            {
                if (guardian.Core.Connection == this)
                    guardian.Core.DropConnection("it closed the connection or ended");
            }));
        }

        /// <summary>The guardian has closed its end.</summary>
        public void Dispose()
        {
            if (_closed)
                return;
            _closed = true;
            Later(daemon, ref _toDaemonAt, () => link.Lost(this));
        }

        private void Later(SimProcess process, ref long last, Action action)
        {
            if (!process.IsAlive)
                return;
            last = Math.Max(last, process.Machine.Clock.Local + (chance.Between(20, 400) * 1000));
            new SimTimer(process.Timers, action).SetAt(last);
        }
    }
}
