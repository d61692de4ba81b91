using ClusterActors.Linux.Process;

namespace ClusterActors.Node.Composition;

/// <summary>What a start leaves behind, which an idle daemon would keep for hours.</summary>
internal static class StartGarbage
{
    // A daemon that was started anew has to adopt what runs first.
    private static readonly TimeSpan After = TimeSpan.FromSeconds(2);

    /// <summary>Gives it back to the system, once, a little later. The timer must be kept: it ends when nobody holds it.</summary>
    public static ITimer GiveBackLater(TimeProvider time) => time.CreateTimer(static _ => GiveBack(), null, After, Timeout.InfiniteTimeSpan);

    private static void GiveBack()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        NativeHeap.GiveBack();
    }
}
