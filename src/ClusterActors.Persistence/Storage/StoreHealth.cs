namespace ClusterActors.Persistence.Storage;

/// <summary>Whether a store takes writes, as its writer finds it; what is told comes on the writer's thread.</summary>
public sealed class StoreHealth
{
    private volatile bool _failing;

    /// <summary>A write failed for what lies below the store; told each time.</summary>
    public event Action<JournalException>? Failed;

    /// <summary>The first write that succeeded after failures.</summary>
    public event Action? Recovered;

    internal void Worked()
    {
        if (!_failing)
            return;
        _failing = false;
        Recovered?.Invoke();
    }

    internal void Refused(JournalException reason)
    {
        _failing = true;
        Failed?.Invoke(reason);
    }
}
