using System.Net;
using ClusterActors.Linux.Net;
using ClusterActors.Simulation.Time;

namespace ClusterActors.Simulation.Machine;

/// <summary>The kernel's fence with an absolute deadline, as the BPF fence: it closes by itself at the deadline and outlives its guardian.</summary>
internal sealed class KernelFence(SimMachine machine) : IAddressFence
{
    private readonly Dictionary<IPAddress, bool> _open = [];
    private long _deadline;

    public FenceKind Kind => FenceKind.Bpf;

    public bool HasAbsoluteDeadline => true;

    public IReadOnlyCollection<IPAddress> Addresses => _open.Keys;

    private long Now => machine.Clock.Local;

    /// <summary>Packets to and from the address pass.</summary>
    public bool Answers(IPAddress address) =>
        machine.Interface.Contains(address) && (!_open.TryGetValue(address, out bool open) || (open && Now < _deadline));

    public void Install()
    {
        foreach (IPAddress address in _open.Keys.ToArray())
            _open[address] = false;
        _deadline = 0;
    }

    public void AddAddress(IPAddress address) => _open.TryAdd(address, false);

    public void OpenAddress(IPAddress address)
    {
        _open[address] = true;
        machine.World.Oracle.Look(always: true);
    }

    public void CloseAddress(IPAddress address) => _open[address] = false;

    public void RemoveAddress(IPAddress address) => _open.Remove(address);

    public LeaseRenewal Arm(long deadlineBoottimeNs)
    {
        if (deadlineBoottimeNs <= Now)
            return LeaseRenewal.Lost;
        _deadline = deadlineBoottimeNs;
        machine.World.Oracle.Look(always: true);
        return LeaseRenewal.Renewed;
    }

    public LeaseRenewal Renew(long deadlineBoottimeNs)
    {
        if (Now >= _deadline)
            return LeaseRenewal.Lost;
        _deadline = deadlineBoottimeNs;
        return LeaseRenewal.Renewed;
    }

    public void ExpireNow() => _deadline = 0;

    public FenceInspection Inspect() => new(true, []);

    public string Describe() => "simulated kernel fence with an absolute deadline";

    public void Remove() => _open.Clear();

    /// <summary>Power loss.</summary>
    public void Forget() => (_, _deadline) = (ClearAll(), 0);

    /// <summary>Kept in the kernel.</summary>
    public void Dispose()
    {
    }

    private bool ClearAll()
    {
        _open.Clear();
        return true;
    }
}

/// <summary>The guardian's kill timer in the kernel.</summary>
internal sealed class SimKillTimer : Linux.Time.IKillTimer
{
    private readonly SimTimer _timer;

    public SimKillTimer(SimMachine machine, SimProcess guardian) => _timer = machine.KernelTimer(() =>
    {
        if (guardian.IsAlive)
            machine.KillGuardian("its grant ran out and nobody moved the kill timer");
    });

    public void Arm(long bootNanoseconds) => _timer.SetAt(bootNanoseconds);

    public void Disarm() => _timer.Cancel();
}
