using ClusterActors.Model;
using ClusterActors.Simulation.Machine;

namespace ClusterActors.Simulation.Checks;

/// <summary>
/// Looks at the world from outside and says what must never be. The first failure ends the run.
/// <para>
/// A group acts on one server at most. Excused are, as documented: under take-over the two sides of a network that was to blame for silence
/// within the last V (and until they have met again), and a server that has just come out of a pause of its hypervisor, for one grant.
/// </para>
/// </summary>
internal sealed class Oracle(World world)
{
    private static readonly long Period = TimeSpan.FromMilliseconds(100).Ticks * 100;
    private readonly List<SimMachine> _active = [];
    private long _nextLook;
    private int _largestRatio = 1;

    public string? Failure { get; private set; }

    public bool Failed => Failure is not null;

    /// <summary>Overlaps that the policy or a pause of the hypervisor excuses.</summary>
    public int Excused { get; private set; }

    public void Fail(string sentence)
    {
        if (Failed)
            return;
        Failure = sentence;
        world.Note($"FAILED: {sentence}");
    }

    /// <summary>What is excused for a time that goes with the timeouts is, from now on, for as much longer.</summary>
    public void Stretched(int ratio) => _largestRatio = Math.Max(_largestRatio, ratio);

    /// <param name="always">Something has just begun to act; else it is enough to look now and then.</param>
    public void Look(bool always = false)
    {
        if (!always && world.Now < _nextLook)
            return;
        _nextLook = world.Now + Period;
        world.Shots.Look();
        foreach (GroupConfig group in world.Cluster.Groups)
        {
            _active.Clear();
            foreach (SimMachine machine in world.Machines)
            {
                if (machine.IsActive(group))
                    _active.Add(machine);
            }

            for (int i = 1; i < _active.Count; i++)
                Judge(group, _active[i - 1], _active[i]);
        }
    }

    private void Judge(GroupConfig group, SimMachine a, SimMachine b)
    {
        if (IsExcused(a, b))
            Excused++;
        else
            Fail($"{group.Name} acts on {a.Name} and {b.Name} at once");
    }

    private bool IsExcused(SimMachine a, SimMachine b)
    {
        long timeout = (long)(world.Options.Profile.Timeout.Ticks * 1.5) * 100 * _largestRatio;
        long grant = timeout + 20_000_000;
        if (world.Now - a.ResumedAt <= grant || world.Now - b.ResumedAt <= grant)
            return true;
        // Both have to be heard again, to store the higher term and to end what runs: V covers it many times over.
        return world.Options.Policy == PartitionPolicy.TakeOver && world.Now - DisturbedUntil(a, b) <= 2 * timeout;
    }

    /// <summary>Of several servers a third one that hears only some of the others may raise the term over either.</summary>
    private long DisturbedUntil(SimMachine a, SimMachine b)
    {
        if (world.Machines.Length == 2)
            return world.Network.DisturbedUntil(a.Index, b.Index);
        long latest = long.MinValue / 2;
        for (int i = 0; i < world.Machines.Length; i++)
        {
            for (int j = 0; j < i; j++)
                latest = Math.Max(latest, world.Network.DisturbedUntil(i, j));
        }

        return latest;
    }
}
