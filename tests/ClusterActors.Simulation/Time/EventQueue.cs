namespace ClusterActors.Simulation.Time;

/// <summary>Something that happens in the world outside the machines: a datagram arrives, a fault begins.</summary>
internal abstract class WorldEvent
{
    public abstract void Happen();
}

internal sealed class WorldAction(Action action) : WorldEvent
{
    public override void Happen() => action();
}

/// <summary>Events by true time; those of one instant in the order in which they were added.</summary>
internal sealed class EventQueue
{
    private readonly PriorityQueue<WorldEvent, (long At, long Order)> _events = new();
    private long _order;

    public long NextAt => _events.TryPeek(out _, out (long At, long Order) first) ? first.At : long.MaxValue;

    public void Add(long at, WorldEvent what) => _events.Enqueue(what, (at, _order++));

    public WorldEvent Take() => _events.Dequeue();
}
