using ClusterActors.Heartbeats.Engine;
using ClusterActors.Model;
using ClusterActors.Model.Events;
using ClusterActors.Simulation.Guardian;
using ClusterActors.Simulation.Machine;

namespace ClusterActors.Simulation.Checks;

/// <summary>
/// Where servers meet again and a group is active on several, the side of the highest term keeps it: none that its own term does not exclude gives way
/// (rc 502) unless another such server is there that could have it. One whose guardian is gone at that instant may be that other, and so may one that has
/// shown a still higher term before its guardian lost it: its journal tells of that.
/// </summary>
internal sealed class Survivor(World world)
{
    private const int Loser = 502;

    public void Raised(ClusterEvent raised)
    {
        if (raised.Key is not { Module: "rc", Id: Loser } || Find(raised, "server") is not { } name)
            return;
        SimMachine loser = world.Machines.First(m => m.Name.Value == name);
        if (TermOf(loser) is { } own && !Excludes(own, loser) && !world.Machines.Any(m => m != loser && MayHaveIt(m, own.Term)))
            world.Oracle.Fail($"{loser.Name} gives group {Find(raised, "group")} up as the loser, in term {own.Term}, which has ended what all others had");
    }

    private static bool MayHaveIt(SimMachine other, Term against) =>
        TermOf(other) is not { } its || other.HighestShown > against || (its.Term >= against && !Excludes(its, other));

    private static bool Excludes(StoredTerm term, SimMachine machine) => (term.ExcludedServers & (1u << machine.Index)) != 0;

    private static StoredTerm? TermOf(SimMachine machine) => machine.Guardian?.Loops.Current is SimEngineLoop loop ? loop.Engine.CurrentTerm : null;

    private static string? Find(ClusterEvent raised, string name) => raised.Parameters.FirstOrDefault(p => p.Name == name)?.Value;
}
