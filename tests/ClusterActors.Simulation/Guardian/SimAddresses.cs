using ClusterActors.Guardian.Addresses;
using ClusterActors.Guardian.Control;
using ClusterActors.Model;
using ClusterActors.Model.Guardian;
using ClusterActors.Simulation.Machine;
using ClusterActors.Simulation.Time;

namespace ClusterActors.Simulation.Guardian;

/// <summary>
/// The address thread in the order of <see cref="AddressKeeper"/>: fence first, then the interface, then opening; down the other way round.
/// The leases are the product's, the fence the simulated kernel's. Jobs are done one after the other and take time.
/// </summary>
internal sealed class SimAddresses : IAddressHost
{
    private readonly SimMachine _machine;
    private readonly GuardianProcess _process;
    private readonly FenceLeases _leases;
    private readonly Chance _chance;
    private readonly Dictionary<(string Group, string Resource), AddAddress> _held = [];
    private long _busyUntil;
    private int _pendingAdds;
    private bool _cancel;
    private bool _built;

    public SimAddresses(SimMachine machine, GuardianProcess process, FenceLeases leases)
    {
        (_machine, _process, _leases) = (machine, process, leases);
        _chance = machine.World.ChanceFor($"addresses {machine.Index} at {machine.World.Now}");
    }

    public int Count => _held.Count + _pendingAdds;

    public int UnderWay { get; private set; }

    public FenceChoice Kind => _leases.Kind;

    public IReadOnlyList<AddressEntry> Entries() =>
        [.. _held.Values.Select(a => new AddressEntry(a.Ticket, a.Term, a.Group, a.Resource, a.Address, "lan1"))];

    public string Describe() => _leases.Describe();

    public string? WhyNot(GuardianSettings settings) => Count == 0 ? null : _leases.WhyNot(settings);

    public void Prepare(GuardianSettings settings)
    {
        _leases.Apply(settings);
        Job(TimeSpan.FromMilliseconds(2), () =>
        {
            if (_built)
                return;
            _built = true;
            _machine.Fence.Install();
            _leases.Use(_machine.Fence, null);
        });
    }

    public void Add(AddAddress request, Action<Reply> answer)
    {
        _process.MustBeInTerm(request.Term, $"{request.Group}.{request.Resource}");
        _pendingAdds++;
        _cancel = false;
        Job(request.Probe ? TimeSpan.FromMilliseconds(600) : TimeSpan.FromMicroseconds(_chance.Between(200, 3000)), () =>
        {
            Reply reply = DoAdd(request);
            _pendingAdds--;
            _process.InControl(() => answer(reply));
        });
    }

    public void Remove(string group, string resource, Action<Reply> answer) => Job(TimeSpan.FromMicroseconds(_chance.Between(200, 3000)), () =>
    {
        Reply reply = DoRemove(group, resource);
        _process.InControl(() => answer(reply));
    });

    public void CloseAll()
    {
        _cancel = true;
        _leases.CloseAll();
    }

    public void RemoveAll(Action<KillOutcome> done)
    {
        _cancel = true;
        Job(TimeSpan.FromMicroseconds(_chance.Between(200, 5000)), () =>
        {
            foreach ((string group, string resource) in _held.Keys.ToArray())
                DoRemove(group, resource);
            foreach (System.Net.IPAddress left in _machine.Interface.Except(_machine.AddressesByHand).ToArray())
            {
                _machine.Interface.Remove(left);
                _leases.Release(left);
            }

            _process.InControl(() => done(new KillOutcome(true, "")));
        });
    }

    public void Arm() => Job(TimeSpan.FromMicroseconds(_chance.Between(20, 500)), () => _leases.Arm(_held.Count > 0));

    public void Dispose()
    {
    }

    private void Job(TimeSpan takes, Action work)
    {
        UnderWay++;
        _busyUntil = Math.Max(_busyUntil, _machine.Clock.Local) + (takes.Ticks * 100);
        new SimTimer(_process.Timers, () =>
        {
            UnderWay--;
            work();
        }).SetAt(_busyUntil);
    }

    private Reply DoAdd(AddAddress request)
    {
        string name = $"{request.Group}.{request.Resource}";
        if (_held.TryGetValue((request.Group, request.Resource), out AddAddress? present))
        {
            return present.Ticket == request.Ticket
                ? new Reply(GuardianResult.AlreadyDone, $"{name}: is up", [])
                : new Reply(GuardianResult.Refused, $"{name}: is up by ticket {present.Ticket}; remove it first", []);
        }

        if (request.Probe && _machine.World.Machines.Any(m => m != _machine && m.IsPowered && !m.IsPaused && m.Fence.Answers(request.Address)
            && _machine.World.Network.Passes(0, _machine.Index, m.Index) && _machine.World.Network.Passes(0, m.Index, _machine.Index)))
        {
            return new Reply(GuardianResult.InUse, $"{request.Address} is used by another host", "02:00:00:00:00:01"u8.ToArray());
        }

        if (_cancel)
            return new Reply(GuardianResult.Refused, $"{name}: the grant ended while the address was being started", []);
        if (!_leases.Ready)
            return new Reply(GuardianResult.Refused, $"{name}: no address fence", []);
        _leases.Enclose(request.Address);
        _machine.Interface.Add(request.Address);
        _machine.AddressesByHand.Remove(request.Address);
        if (!_leases.Open(request.Address))
        {
            TakeDown(request);
            return new Reply(GuardianResult.Refused, $"{name}: the grant ended while the address was being started", []);
        }

        _held.Add((request.Group, request.Resource), request);
        _machine.World.Note($"{_machine.Name}: {name} is up in term {request.Term}");
        _machine.World.Oracle.Look(always: true);
        return new Reply(GuardianResult.Done, "", []);
    }

    private Reply DoRemove(string group, string resource)
    {
        if (!_held.Remove((group, resource), out AddAddress? held))
            return new Reply(GuardianResult.NotFound, $"{group}.{resource}: no address of it is up here", []);
        TakeDown(held);
        _machine.World.Note($"{_machine.Name}: {group}.{resource} is down");
        return new Reply(GuardianResult.Done, "", []);
    }

    private void TakeDown(AddAddress held)
    {
        _leases.Close(held.Address);
        _machine.Interface.Remove(held.Address);
        _leases.Release(held.Address);
    }
}
