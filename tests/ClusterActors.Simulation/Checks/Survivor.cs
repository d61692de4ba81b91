using ClusterActors.Cluster.Wire;
using ClusterActors.Heartbeats.Engine;
using ClusterActors.Model;
using ClusterActors.Model.Events;
using ClusterActors.Simulation.Daemon;
using ClusterActors.Simulation.Guardian;
using ClusterActors.Simulation.Machine;

namespace ClusterActors.Simulation.Checks;

/// <summary>
/// Where servers meet again and a group is active on several, the side of the highest term keeps it: none that its own term does not exclude gives way
/// (rc 502) unless another server is there that could have it. That is one that the term does not exclude either, one that was ordered to start the group in this
/// term since, one whose guardian is gone at that instant, and one that has shown a still higher term before its guardian lost it: its journal tells of that.
/// What it gave up before and has not been ordered to start since is being stopped already; of what it has ended by itself, as after a failure, there is nothing to give up.
/// What a server says of another one that is in a higher term than itself does not count: it is late.
/// </summary>
internal sealed class Survivor(World world)
{
    private const int Loser = 502;
    private readonly Dictionary<(SimMachine At, string Group), Term> _started = [];
    private readonly HashSet<(SimMachine At, string Group)> _givenUp = [];

    public void Accepted(DaemonProcess at, OrderAccepted order)
    {
        if (!order.Starts)
            return;
        _started[(at.Machine, order.Group.Value)] = order.Term;
        _givenUp.Remove((at.Machine, order.Group.Value));
    }

    public void Raised(DaemonProcess by, ClusterEvent raised)
    {
        if (raised.Key is not { Module: "rc", Id: Loser } || Find(raised, "server") is not { } name || Find(raised, "group") is not { } group)
            return;
        SimMachine loser = world.Machines.First(m => m.Name.Value == name);
        if (SpeaksOfThePast(by.Machine, loser) || !_givenUp.Add((loser, group)))
            return;
        if (TermOf(loser) is { } own && !Excludes(own, loser) && HasAnything(loser, group, own.Term) && !world.Machines.Any(m => m != loser && MayHaveIt(m, group, own.Term)))
            world.Oracle.Fail($"{loser.Name} gives group {group} up as the loser, in term {own.Term}, which has ended what all others had");
    }

    // A report that a slow link held up shows what the loser had before it raised the term; whoever does not know of that term has no order to give it.
    private static bool SpeaksOfThePast(SimMachine raiser, SimMachine loser) =>
        raiser != loser && TermOf(raiser)?.Term < TermOf(loser)?.Term;

    private bool HasAnything(SimMachine loser, string group, Term own) =>
        loser.Programs.Keys.Any(p => p.Group == group) || _started.GetValueOrDefault((loser, group)) >= own;

    private bool MayHaveIt(SimMachine other, string group, Term against) =>
        TermOf(other) is not { } its || other.HighestShown > against
        || (its.Term >= against && (!Excludes(its, other) || _started.GetValueOrDefault((other, group)) >= against));

    private static bool Excludes(StoredTerm term, SimMachine machine) => (term.ExcludedServers & (1u << machine.Index)) != 0;

    private static StoredTerm? TermOf(SimMachine machine) => machine.Guardian?.Loops.Current is SimEngineLoop loop ? loop.Engine.CurrentTerm : null;

    private static string? Find(ClusterEvent raised, string name) => raised.Parameters.FirstOrDefault(p => p.Name == name)?.Value;
}
