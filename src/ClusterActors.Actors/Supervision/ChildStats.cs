namespace ClusterActors.Actors;

/// <summary>What a supervisor remembers about one child: its restarts inside the current window (R-SV4).</summary>
public sealed class ChildStats
{
    private int _restarts;
    private long _windowStart;

    internal ChildStats(LocalActorRef child) => Child = child;

    internal LocalActorRef Child { get; }

    /// <summary>Its parent has told it to stop; the name is free once it has.</summary>
    internal bool IsStopping { get; set; }

    /// <summary>Counts a restart and says whether the limits allow it. The window tumbles: it opens at the first failure, and the first one after it opens the next.</summary>
    internal bool RequestRestartPermission(int maxRetries, TimeSpan window, TimeProvider time)
    {
        if (maxRetries == 0) return false;
        if (window <= TimeSpan.Zero) return maxRetries < 0 || ++_restarts <= maxRetries;
        // A window without a maximum means one.
        var allowed = maxRetries < 0 ? 1 : maxRetries;
        var now = time.GetTimestamp();
        if (_restarts == 0 || time.GetElapsedTime(_windowStart, now) > window)
        {
            _windowStart = now;
            _restarts = 1;
            return true;
        }
        return ++_restarts <= allowed;
    }
}
