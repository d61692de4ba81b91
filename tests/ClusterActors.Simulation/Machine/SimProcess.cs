using ClusterActors.Simulation.Time;

namespace ClusterActors.Simulation.Machine;

/// <summary>Unwinds the code of a process that was killed in the middle of something.</summary>
internal sealed class ProcessKilledException : Exception;

/// <summary>
/// One process: it gets what was posted to it and its due timers whenever it may run, and does the rest of its work in
/// <see cref="Work"/> afterwards. While it is frozen everything waits; when it is killed everything of it is forgotten.
/// </summary>
internal abstract class SimProcess(SimMachine machine, string name)
{
    private readonly Queue<Action> _inbox = new();
    private bool _queued;
    private bool _running;

    public SimMachine Machine { get; } = machine;

    public World World => Machine.World;

    public string Name { get; } = name;

    public TimerHeap Timers { get; } = new();

    public bool IsAlive { get; private set; } = true;

    /// <summary>Stopped by SIGSTOP, or it hangs.</summary>
    public bool IsFrozen { get; private set; }

    public bool MayRun => IsAlive && !IsFrozen && !_running && Machine.IsRunning;

    /// <summary>Actions that wait for it.</summary>
    public int Waiting => _inbox.Count;

    public void Post(Action action)
    {
        if (!IsAlive)
            return;
        _inbox.Enqueue(action);
        Ready();
    }

    /// <summary>As <see cref="Post"/>, after a while of the machine's own time.</summary>
    public void PostAfter(TimeSpan delay, Action action) => new SimTimer(Timers, action).SetAt(Machine.Clock.Local + (delay.Ticks * 100));

    public void Freeze() => IsFrozen = true;

    public void Thaw()
    {
        IsFrozen = false;
        Ready();
    }

    /// <summary>SIGKILL: nothing of it runs any more.</summary>
    public void Kill()
    {
        if (!IsAlive)
            return;
        IsAlive = false;
        Timers.Clear();
        _inbox.Clear();
        OnKilled();
    }

    /// <summary>Its machine's time at which its next timer is due.</summary>
    public long NextDue => MayRun ? Timers.NextDue : long.MaxValue;

    /// <summary>Does everything that waits now.</summary>
    public void Run()
    {
        _queued = false;
        if (!MayRun)
            return;
        _running = true;
        try
        {
            while (IsAlive && _inbox.TryDequeue(out Action? action))
                action();
            while (IsAlive && Timers.TakeDue(Machine.Clock.Local) is { } timer)
                timer.Fire();
            if (IsAlive)
                Work();
        }
        catch (ProcessKilledException) when (!IsAlive)
        {
            // What it was in the middle of ends here, as with a real process.
        }
        finally
        {
            _running = false;
        }

        if (IsAlive && _inbox.Count > 0)
            Ready();
    }

    public void Ready()
    {
        if (_queued || !MayRun)
            return;
        _queued = true;
        World.Ready(this);
    }

    /// <summary>Whatever the process does each time it wakes.</summary>
    protected abstract void Work();

    protected virtual void OnKilled()
    {
    }
}
