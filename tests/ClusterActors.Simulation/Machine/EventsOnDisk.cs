using ClusterActors.Model.Events;

namespace ClusterActors.Simulation.Machine;

/// <summary>The newest events of a machine, whatever becomes of its daemons.</summary>
internal sealed class EventsOnDisk
{
    private const int Kept = 500;
    private readonly Queue<ClusterEvent> _events = new();

    public void Add(ClusterEvent raised)
    {
        _events.Enqueue(raised);
        if (_events.Count > Kept)
            _events.Dequeue();
    }

    public IReadOnlyList<ClusterEvent> Newest(int max) => [.. _events.TakeLast(max)];
}
