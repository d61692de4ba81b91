using ClusterActors.Linux.Sockets;
using ClusterActors.Linux.Time;

namespace ClusterActors.Guardian.Programs;

/// <summary>The table's reaper: started before the first program, fed, and replaced when it ends.</summary>
public sealed partial class ProgramTable
{
    // The reaper must not strike because one sign of life was late.
    private const int PulsesPerSilence = 4;

    private Reaper? _reaper;
    private ReaperOptions? _reaperOptions;
    private Action<string>? _reaperLost;
    private long _nextPulse = long.MaxValue;

    /// <summary>Process id of the reaper, 0 before <see cref="StartReaper"/>.</summary>
    public int ReaperProcessId => _reaper?.ProcessId ?? 0;

    private long NextPulseNanoseconds => _nextPulse;

    /// <summary>Starts the reaper. Call once, before <see cref="AllowStarts"/>.</summary>
    /// <param name="lost">Told, in a sentence, when the reaper was killed (it has been started again by then), or could not be put out of reach.</param>
    public void StartReaper(ReaperOptions options, Action<string> lost)
    {
        if (_reaper is not null)
            throw new InvalidOperationException("the reaper has been started already; once is enough");
        _reaperOptions = options;
        _reaperLost = lost;
        Replace();
        ArmTimer();
    }

    /// <summary>The orderly end of the guardian: the reaper leaves without a kill and without a restart. Only when <see cref="IsEmpty"/>.</summary>
    public void DismissReaper()
    {
        if (!IsEmpty)
            throw new InvalidOperationException("the reaper cannot be dismissed while programs run; end them by KillAll first");
        _reaper?.Dismiss();
        DisposeReaper();
    }

    private void Replace()
    {
        _reaper = new Reaper(_root, _reaperOptions!);
        _epoll.Add(_reaper.ExitDescriptor, PollEvents.Readable, ReaperToken);
        _nextPulse = _reaperOptions!.Silence is null ? long.MaxValue : BootClock.NowNanoseconds();
        if (_reaper.Exposed is { } why)
            _reaperLost!($"the reaper has no control group of its own: {why}; a service manager that kills the guardian's group kills it too, and daemonised programs live until the next guardian cleans");
    }

    private void OnReaperEnded()
    {
        if (_reaper is null || !_reaper.TryReap())
            return;
        var old = _reaper.ProcessId;
        DisposeReaper();
        Replace();
        _reaperLost!($"reaper process {old} ended, which nothing of ours does to it; process {_reaper!.ProcessId} has taken its place");
    }

    private void DisposeReaper()
    {
        if (_reaper is null)
            return;
        _epoll.Remove(_reaper.ExitDescriptor);
        _reaper.Dispose();
        _reaper = null;
        _nextPulse = long.MaxValue;
    }

    private void PulseReaper(long now)
    {
        if (now < _nextPulse || _reaper is null)
            return;
        _reaper.Pulse();
        _nextPulse = now + ToNanoseconds(_reaperOptions!.Silence!.Value) / PulsesPerSilence;
    }
}
