using ClusterActors.Linux;
using ClusterActors.Linux.Realtime;
using ClusterActors.Linux.Sockets;
using ClusterActors.Linux.Time;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Guardian.Beats.Devices;

/// <summary>State of a device with what the kernel said; replaced as a whole.</summary>
internal sealed record DeviceReport(DeviceState State, string Detail);

/// <summary>
/// A heartbeat channel below which is a device that may be slow, fail or hang. All of its I/O is on a thread of its own; the beat thread only
/// puts beats into the outbox and takes them from the inbox, and looks at how long the present operation lasts. Neither waits for the other.
/// </summary>
internal abstract class DeviceChannel : IDisposable
{
    private static readonly long RetryAfter = 1_000_000_000;

    private readonly EventFd _inWake = new();
    private readonly EventFd _outWake = new();
    private readonly PollSet _poll = new(2);
    private readonly RealtimeThread _thread;
    private readonly long _interval;
    private volatile DeviceReport _report = new(DeviceState.Opening, "");
    private volatile bool _stop;
    private long _busySince;
    private int _busySide;
    private long _due;
    private DeviceReport? _told;
    private byte _warned;

    /// <param name="interval">Time between two passes on this channel.</param>
    /// <param name="limit">The channel's silence limit.</param>
    protected DeviceChannel(byte index, string name, IReadOnlyList<byte> peers, TimeSpan interval, TimeSpan limit, int priority)
    {
        (Index, Name, Peers) = (index, name, [.. peers]);
        _interval = interval.Ticks * 100;
        Limit = limit.Ticks * 100;
        Inbox = new BeatInbox(_inWake);
        Outbox = new BeatOutbox(Peers.Length);
        _poll.Add(_outWake.FileDescriptor);
        _poll.Add(-1);
        SchedulingPolicy policy = priority > 0 ? SchedulingPolicy.RoundRobin : SchedulingPolicy.Other;
        _thread = new RealtimeThread("clp-hb-" + name, policy, priority, Run);
    }

    public byte Index { get; }

    public string Name { get; }

    /// <summary>Indices of the servers at the other end; positions are those of the outbox.</summary>
    public byte[] Peers { get; }

    /// <summary>Silence limit, nanoseconds: also the longest time that an operation may take before the device counts as hanging.</summary>
    public long Limit { get; }

    /// <summary>Readable when there is something in the inbox.</summary>
    public int InboxDescriptor => _inWake.FileDescriptor;

    /// <summary>Only the beat thread puts.</summary>
    public BeatOutbox Outbox { get; }

    private BeatInbox Inbox { get; }

    /// <summary>State as seen from outside: an operation that has not returned for the limit is a hanging device.</summary>
    public DeviceReport Report => IsHanging(BootClock.NowNanoseconds(), out LateSide side)
        ? new DeviceReport(DeviceState.Hanging, $"a {(side == LateSide.Sender ? "write" : "read")} has not returned for {Limit / 1_000_000} ms")
        : _report;

    /// <summary>Time between two looks at what the peers sent.</summary>
    protected long Tick => _interval / 2;

    public void Start() => _thread.Start();

    /// <summary>Beat thread: the next beats are due and the device has taken the last ones.</summary>
    public bool WantsBeats(long now)
    {
        if (now < _due || !Outbox.IsFree)
            return false;
        _due = _due + _interval > now ? _due + _interval : now + _interval;
        return true;
    }

    /// <summary>Beat thread: the outbox is complete.</summary>
    public void Publish(long now)
    {
        Outbox.Publish(now);
        _outWake.Signal();
    }

    /// <summary>Beat thread: next received beat.</summary>
    public bool TryReceive(Span<byte> to, out int length, out long receivedAt)
    {
        if (Inbox.TryTake(to, out length, out receivedAt))
            return true;
        // Taken before the last look, so that a beat added in between wakes the thread again.
        return _inWake.Take() != 0 && Inbox.TryTake(to, out length, out receivedAt);
    }

    /// <summary>Beat thread: true when the state changed since the last call.</summary>
    public bool TryTell(out DeviceReport report)
    {
        report = _told ?? _report;
        DeviceState state = IsHanging(BootClock.NowNanoseconds(), out _) ? DeviceState.Hanging : _report.State;
        if (_told is not null && _told.State == state)
            return false;
        _told = report = Report;
        return true;
    }

    /// <summary>Beat thread: true when the present operation has just passed half or four fifths of the limit.</summary>
    public bool TryWarn(long now, out byte percent, out long elapsed, out LateSide side)
    {
        long since = Volatile.Read(ref _busySince);
        elapsed = since == 0 ? 0 : now - since;
        side = (LateSide)Volatile.Read(ref _busySide);
        percent = elapsed >= Limit / 5 * 4 ? (byte)80 : elapsed >= Limit / 2 ? (byte)50 : (byte)0;
        bool worse = percent > _warned;
        _warned = percent;
        return worse;
    }

    /// <summary>Ends the channel without waiting for it: a hanging device would hold up the caller. Its thread closes everything when it gets so far.</summary>
    public void Dispose()
    {
        _stop = true;
        _outWake.Signal();
    }

    /// <summary>Waits for the thread; false when it hangs in its device.</summary>
    public bool Join(TimeSpan limit) => _thread.Join(limit);

    /// <summary>Opens the device; null, or why it cannot be used.</summary>
    protected abstract DeviceReport? Open();

    /// <summary>Writes what is in the outbox and reads what there is; null, or why the device must be opened anew.</summary>
    protected abstract DeviceReport? Work();

    /// <summary>Closes the device when it is open.</summary>
    protected abstract void Close();

    /// <summary>The thread ends: what the channel holds besides the device is given back.</summary>
    protected virtual void Free()
    {
    }

    /// <summary>Descriptor to wake for besides the outbox; -1 for none.</summary>
    protected virtual int WakeDescriptor => -1;

    /// <summary>Marks the beginning of an operation that may hang.</summary>
    protected void Begin(LateSide side)
    {
        Volatile.Write(ref _busySide, (int)side);
        Volatile.Write(ref _busySince, BootClock.NowNanoseconds());
    }

    /// <summary>Marks its end; returns how long it took.</summary>
    protected long End()
    {
        long took = BootClock.NowNanoseconds() - _busySince;
        Volatile.Write(ref _busySince, 0);
        return took;
    }

    protected void Receive(ReadOnlySpan<byte> beat, long receivedAt) => Inbox.Add(beat, receivedAt);

    protected static DeviceReport From(LinuxException failure, DeviceState otherwise) => new(
        failure.Errno switch
        {
            Errno.NoEntry or Errno.NoDevice or Errno.NoSuchDevice => DeviceState.Missing,
            Errno.NotATerminal => DeviceState.WrongKind,
            _ => otherwise,
        },
        failure.Message);

    private bool IsHanging(long now, out LateSide side)
    {
        long since = Volatile.Read(ref _busySince);
        side = (LateSide)Volatile.Read(ref _busySide);
        return since != 0 && now - since >= Limit;
    }

    private void Run()
    {
        while (!_stop)
        {
            Begin(LateSide.Receiver);
            DeviceReport? problem = Open();
            End();
            Tell(problem);
            while (problem is null && !_stop)
            {
                Wait(BootClock.NowNanoseconds() + Tick);
                problem = _stop ? null : Work();
                Tell(problem);
            }

            Close();
            if (!_stop)
                WaitToRetry();
        }

        Free();
        _poll.Dispose();
        _inWake.Dispose();
        _outWake.Dispose();
    }

    /// <summary>What is put meanwhile becomes too old; the device is tried again whether or not there is something.</summary>
    private void WaitToRetry()
    {
        long end = BootClock.NowNanoseconds() + RetryAfter;
        while (!_stop && BootClock.NowNanoseconds() < end)
        {
            _poll.Set(1, -1);
            _poll.WaitUntil(end);
            _outWake.Take();
        }
    }

    private void Wait(long until)
    {
        _poll.Set(1, WakeDescriptor);
        _poll.WaitUntil(until);
        _outWake.Take();
    }

    private void Tell(DeviceReport? problem)
    {
        if (problem is not null)
            _report = problem;
        else if (_report.State != DeviceState.Ready)
            _report = new DeviceReport(DeviceState.Ready, "");
        if (_told?.State != _report.State)
            _inWake.Signal();
    }
}
