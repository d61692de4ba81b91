namespace ClusterActors.Actors;

/// <summary>Something with a due time; sits in the scheduler's heap and knows its place there, so that taking it out is cheap.</summary>
internal abstract class ScheduledItem
{
    internal const int NotQueued = -1;

    internal long Due;
    internal long Order;
    internal int HeapIndex = NotQueued;

    /// <summary>Runs on the timer thread: must be short and must not throw.</summary>
    internal abstract void Fire();
}
