using ClusterActors.Simulation.Machine;
using ClusterActors.Simulation.Time;

namespace ClusterActors.Simulation.Faults;

/// <summary>
/// Faults that follow one after the other upon one server which has something to lose. Each happens in the field (a switch that fails port by port, a link that
/// flaps, a machine that hangs when its network goes), but chance alone brings the steps together too seldom to meet the windows of some milliseconds
/// that a rule of votes or vows closes. Chance still draws each length.
/// </summary>
internal sealed partial class Siege
{
    private readonly World _world;
    private readonly Chance _chance;
    private readonly List<Action> _undo = [];
    private readonly int _number;
    private readonly bool _beganAlone;
    private bool _over;

    public Siege(FaultSite site)
    {
        _world = site.World;
        (int begun, int over) = _world.Sieges;
        (_number, _beganAlone) = (begun + 1, begun == over);
        _world.Sieges = (begun + 1, over);
        _chance = _world.ChanceFor($"{site.Fault.Kind} at {site.Fault.At}");
        SimMachine[] owners = [.. _world.Machines.Where(m => m.IsPowered && m.Programs.Count > 0)];
        Victim = owners.Length > 0 ? owners[(int)(site.Fault.Amount * owners.Length)] : site.Machine;
    }

    /// <summary>A server that runs something, if there is one.</summary>
    private SimMachine Victim { get; }

    /// <summary>Nothing else has struck since it began, or was under way then.</summary>
    private bool IsAlone => _world.Options.Faults.Count == 1 && _beganAlone && _world.Sieges.Begun == _number;

    private TimeSpan Timeout => _world.Options.Profile.Timeout;

    private int Witness => _world.Machines.Length;

    private SimMachine[] Others => OthersThan(Victim);

    private SimMachine[] OthersThan(SimMachine machine) => [.. _world.Machines.Where(m => m != machine)];

    /// <summary>What it returns, and the end of the siege, heals it once.</summary>
    /// <param name="network">One network; less than 0: all of them.</param>
    private Action Cut(int from, int to, bool both, int network = -1)
    {
        bool healed = false;
        (int From, int To)[] ways = both ? [(from, to), (to, from)] : [(from, to)];
        Each(ways, network, p => p.Cut());
        void Heal()
        {
            if (healed)
                return;
            healed = true;
            Each(ways, network, p => p.Heal());
        }

        _undo.Add(Heal);
        return Heal;
    }

    private void Each((int From, int To)[] ways, int only, Action<Network.SimPath> change)
    {
        foreach ((int from, int to) in ways)
        {
            for (int network = 0; network < _world.Network.Networks; network++)
            {
                if (only < 0 || only == network)
                    _world.Network.Change(network, from, to, change);
            }
        }
    }

    private void After(TimeSpan delay, Action step) => _world.After(delay, () =>
    {
        if (!_over)
            step();
    });

    private void End()
    {
        _over = true;
        _world.Sieges = (_world.Sieges.Begun, _world.Sieges.Over + 1);
        foreach (Action undo in _undo)
            undo();
    }
}
