using ClusterActors.Model;

namespace ClusterActors.Simulation.Checks;

/// <summary>
/// Terms are raised for a reason and then last. Where servers raise them over each other in turn, each of them ends what the one before has started: within
/// one timeout there may be two for each server, which may go and come back, and two more.
/// </summary>
internal sealed class TermRate(World world)
{
    private readonly Queue<long> _raised = new();
    private Term _highest;

    public void Shown(Term term)
    {
        if (term <= _highest)
            return;
        _highest = term;
        _raised.Enqueue(world.Now);
        while (world.Now - _raised.Peek() > world.Options.Profile.Timeout.Ticks * 100)
            _raised.Dequeue();
        if (_raised.Count > 2 * (world.Options.Nodes + 1))
            world.Oracle.Fail($"term {term} is the {_raised.Count}th within one heartbeat timeout");
    }
}
