namespace ClusterActors.Simulation.Time;

/// <summary>
/// Completes a task so that what waits for it goes on at once and on the world's thread. While the synchronization context of an actor's async
/// handler is current, the runtime hands such a continuation to the thread pool instead: it then comes at an instant of the real machine's.
/// </summary>
internal static class HereAndNow
{
    public static void Run(Action complete)
    {
        SynchronizationContext? outer = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            complete();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(outer);
        }
    }
}
