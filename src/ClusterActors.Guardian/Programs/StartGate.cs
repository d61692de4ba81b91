namespace ClusterActors.Guardian.Programs;

/// <summary>
/// Decides between a launch that is under way on the launcher thread and a kill on the control thread. A child is put into its control
/// group, or given up, inside the gate; a kill closes it first. So when a kill strikes, each child is either in its group and hit,
/// or will never run its program.
/// </summary>
public sealed class StartGate
{
    private readonly Lock _lock = new();
    private bool _open;

    public bool IsOpen
    {
        get
        {
            lock (_lock)
                return _open;
        }
    }

    public void Open()
    {
        lock (_lock)
            _open = true;
    }

    public void Close()
    {
        lock (_lock)
            _open = false;
    }

    /// <summary>Gives up one launch; false when it has passed, so that its program may run.</summary>
    public bool TryCancel(LaunchJob job)
    {
        lock (_lock)
        {
            job.Cancelled = !job.Passed;
            return job.Cancelled;
        }
    }

    /// <summary>Whether the program of a launch may run.</summary>
    public bool HasPassed(LaunchJob job)
    {
        lock (_lock)
            return job.Passed;
    }

    /// <summary>Runs the step if the launch may go on; false when it was given up.</summary>
    public bool TryPass(LaunchJob job, Action step)
    {
        lock (_lock)
        {
            if (!_open || job.Cancelled)
                return false;
            // Before the step: one that fails half-way may already have put the child into its group.
            job.Passed = true;
            step();
            return true;
        }
    }
}
