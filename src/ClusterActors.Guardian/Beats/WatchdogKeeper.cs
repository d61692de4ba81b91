using ClusterActors.Guardian.Logging;
using ClusterActors.Linux.Realtime;
using ClusterActors.Linux.Sockets;
using ClusterActors.Linux.Time;
using ClusterActors.Linux.Watchdog;

namespace ClusterActors.Guardian.Beats;

/// <summary>
/// Feeds the hardware watchdog as long as the beat loop passes: a pass older than the grant stops the feeding, and the machine is reset at
/// the latest 1.25 timeouts after that. A thread of its own does it, because some drivers take milliseconds for a feed and a beat must not
/// wait for them; it takes its right to feed from the beat loop alone.
/// </summary>
internal sealed class WatchdogKeeper : IDisposable
{
    private readonly WatchdogDevice _device;
    private readonly Func<long> _lastPass;
    private readonly long _tolerance;
    private readonly long _every;
    private readonly RingLog _log;
    private readonly RealtimeThread _thread;
    private readonly EventFd _wake = new();
    private readonly PollSet _poll = new(1);
    private volatile bool _stop;
    private bool _inOrder;

    /// <param name="lastPass">Boot time of the beat loop's newest pass.</param>
    /// <param name="tolerance">Age of it up to which the loop counts as alive: the grant.</param>
    public WatchdogKeeper(WatchdogDevice device, Func<long> lastPass, TimeSpan tolerance, RingLog log, SchedulingPolicy policy, int priority)
    {
        (_device, _lastPass, _tolerance, _log) = (device, lastPass, tolerance.Ticks * 100, log);
        _every = device.Timeout.Ticks * 100 / 4;
        _poll.Add(_wake.FileDescriptor);
        _thread = new RealtimeThread("clp-watchdog", policy, priority, Run);
        _thread.Start();
    }

    /// <summary>The guardian leaves with nothing running: the watchdog is stopped, too, when this is disposed.</summary>
    public void EndInOrder() => _inOrder = true;

    public void Dispose()
    {
        _stop = true;
        _wake.Signal();
        _thread.Join(TimeSpan.FromSeconds(2));
        if (_inOrder)
            _device.CloseInOrder();
        else
            _device.Dispose();
        _poll.Dispose();
        _wake.Dispose();
    }

    private void Run()
    {
        bool starving = false;
        while (!_stop)
        {
            long now = BootClock.NowNanoseconds();
            bool alive = now - _lastPass() <= _tolerance;
            if (alive != !starving)
            {
                starving = !alive;
                _log.Error(starving
                    ? $"watchdog {_device.Path}: the beat loop has stood still for longer than the grant; it is fed no more, and this machine is reset within {_device.Timeout.TotalSeconds} s"
                    : $"watchdog {_device.Path}: the beat loop passes again; it is fed again");
            }

            if (alive && _device.Feed() is not 0 and var error)
                _log.Error($"watchdog {_device.Path} could not be fed (errno {error})");
            _poll.WaitUntil(now + _every);
        }
    }
}
