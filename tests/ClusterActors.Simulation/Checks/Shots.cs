using ClusterActors.Model.Guardian;
using ClusterActors.Simulation.Guardian;
using ClusterActors.Simulation.Machine;

namespace ClusterActors.Simulation.Checks;

/// <summary>
/// No server is shot that its shooter hears when it asks for the shot. Excused is who has heard it for so short a time that its daemon may not know yet, also
/// because it has just stood still; and what the switch does after it was asked cannot be called back. A silence that ends with the very beat that was due at its
/// end is a silence: it is seen by what the daemon is told, as it lasts no time.
/// </summary>
internal sealed class Shots(World world)
{
    private static readonly long ToldAfter = TimeSpan.FromMilliseconds(500).Ticks * 100;
    private readonly long[] _heardSince = [.. Enumerable.Repeat(long.MaxValue, world.Options.Nodes * world.Options.Nodes)];

    /// <summary>Shots that were asked for.</summary>
    public int Count { get; private set; }

    public void Look()
    {
        if (!world.Options.HasFence)
            return;
        foreach (SimMachine by in world.Machines)
        {
            foreach (SimMachine target in world.Machines)
            {
                ref long since = ref SinceOf(by, target);
                since = Hears(by, target) ? Math.Min(since, world.Now) : long.MaxValue;
            }
        }
    }

    /// <summary>The guardian of <paramref name="by"/> tells its daemon that a server has been silent for the whole timeout.</summary>
    public void SaidDown(SimMachine by, int target) => SinceOf(by, world.Machines[target]) = long.MaxValue;

    public void Asked(SimMachine by, SimMachine target)
    {
        Count++;
        world.Note($"{by.Name}: asks for {target.Name} to be switched off");
        long since = SinceOf(by, target);
        if (Hears(by, target) && since < world.Now - ToldAfter && by.StoodStillAt < world.Now - ToldAfter)
            world.Oracle.Fail($"{by.Name} shoots {target.Name}, which it has heard again since {since / 1e9:0.000}");
    }

    private static bool Hears(SimMachine by, SimMachine target) => by != target && by.IsRunning && by.Guardian?.Loops.Current is SimEngineLoop loop
        && loop.Engine.View(target.Index, by.Clock.Local).State is PeerState.Up or PeerState.Suspected;

    private ref long SinceOf(SimMachine by, SimMachine target) => ref _heardSince[(by.Index * world.Options.Nodes) + target.Index];
}
