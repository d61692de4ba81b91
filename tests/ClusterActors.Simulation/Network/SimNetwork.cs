using ClusterActors.Simulation.Time;

namespace ClusterActors.Simulation.Network;

/// <summary>One direction between two servers on one network.</summary>
internal sealed class SimPath
{
    private int _cuts;

    public bool IsCut => _cuts > 0;

    /// <summary>Share of datagrams lost; of link frames that have to be sent again.</summary>
    public double Loss { get; set; }

    /// <summary>Share of datagrams that come twice.</summary>
    public double Duplicates { get; set; }

    /// <summary>Added to each way.</summary>
    public TimeSpan Delay { get; set; }

    /// <summary>Each datagram is delayed by chance up to this, so that they overtake each other.</summary>
    public TimeSpan Jitter { get; set; }

    /// <summary>Silence on it is the network's doing.</summary>
    public bool IsDisturbed => IsCut || Loss > 0 || Delay + Jitter > TimeSpan.FromMilliseconds(20);

    public void Cut() => _cuts++;

    public void Heal() => _cuts--;
}

/// <summary>Something with a network card.</summary>
internal interface INetworkHost
{
    /// <param name="network">Network it came on; <see cref="SimNetwork.WitnessPort"/> is added for what concerns the witness.</param>
    void Arrive(int network, ReadOnlySpan<byte> bytes);
}

/// <summary>The networks: what passes between whom, when it arrives, and since when it does. The last host is the witness.</summary>
internal sealed class SimNetwork
{
    /// <summary>Added to a network's number: the datagram is to or from the witness.</summary>
    public const int WitnessPort = 100;

    private readonly World _world;
    private readonly SimPath[] _paths;
    private readonly long[] _disturbedUntil;
    private readonly Chance _chance;
    private readonly Stack<Datagram> _spare = new();
    private readonly int _servers;

    public SimNetwork(World world, int servers, int networks)
    {
        servers++;
        (_world, _servers, Networks) = (world, servers, networks);
        _paths = [.. Enumerable.Range(0, networks * servers * servers).Select(_ => new SimPath())];
        _disturbedUntil = new long[servers * servers];
        Array.Fill(_disturbedUntil, long.MinValue / 2);
        _chance = world.ChanceFor("network");
    }

    public int Networks { get; }

    public SimPath Path(int network, int from, int to) => _paths[(((network * _servers) + from) * _servers) + to];

    /// <summary>Changes a direction, remembering how long it was disturbed.</summary>
    public void Change(int network, int from, int to, Action<SimPath> change)
    {
        Remember(from, to);
        change(Path(network, from, to));
        Remember(from, to);
    }

    public bool Passes(int network, int from, int to) => !Path(network, from, to).IsCut;

    /// <summary>True time until which the network was to blame for silence between two servers, in either direction.</summary>
    public long DisturbedUntil(int a, int b)
    {
        Remember(a, b);
        Remember(b, a);
        return Math.Max(_disturbedUntil[(a * _servers) + b], _disturbedUntil[(b * _servers) + a]);
    }

    public TimeSpan Latency(int network, int from, int to) => TimeSpan.FromMicroseconds(_chance.Between(60, 400)) + Path(network, from, to).Delay;

    public bool IsLost(int network, int from, int to) => Path(network, from, to) is { Loss: > 0 } path && _chance.Happens(path.Loss);

    public void SendBeat(int from, int to, int network, ReadOnlySpan<byte> bytes)
    {
        SimPath path = Path(network % WitnessPort, from, to);
        if (path.IsCut || (path.Loss > 0 && _chance.Happens(path.Loss)))
            return;
        Schedule(path, from, to, network, bytes);
        if (path.Duplicates > 0 && _chance.Happens(path.Duplicates))
            Schedule(path, from, to, network, bytes);
    }

    private void Schedule(SimPath path, int from, int to, int network, ReadOnlySpan<byte> bytes)
    {
        Datagram datagram = _spare.TryPop(out Datagram? spare) ? spare : new Datagram(this);
        datagram.Fill(_world.HostAt(to), network, bytes);
        long jitter = path.Jitter > TimeSpan.Zero ? _chance.Between(0, path.Jitter.Ticks * 100) : 0;
        _world.AddEvent(_world.Now + (Latency(network % WitnessPort, from, to).Ticks * 100) + jitter, datagram);
    }

    private void Remember(int from, int to)
    {
        for (int network = 0; network < Networks; network++)
        {
            if (!Path(network, from, to).IsDisturbed)
                return;
        }

        _disturbedUntil[(from * _servers) + to] = _world.Now;
    }

    private sealed class Datagram(SimNetwork network) : WorldEvent
    {
        private byte[] _bytes = new byte[256];
        private int _size;
        private INetworkHost? _to;
        private int _network;

        public void Fill(INetworkHost to, int onNetwork, ReadOnlySpan<byte> bytes)
        {
            (_to, _network, _size) = (to, onNetwork, bytes.Length);
            if (_bytes.Length < bytes.Length)
                _bytes = new byte[bytes.Length];
            bytes.CopyTo(_bytes);
        }

        public override void Happen()
        {
            _to!.Arrive(_network, _bytes.AsSpan(0, _size));
            network._spare.Push(this);
        }
    }
}
