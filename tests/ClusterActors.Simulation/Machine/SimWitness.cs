using ClusterActors.Model.Voting;
using ClusterActors.Simulation.Network;
using ClusterActors.Simulation.Running;
using ClusterActors.Simulation.Time;

namespace ClusterActors.Simulation.Machine;

/// <summary>
/// The witness: the product's voter over a disk that takes time, with a clock of its own. It crashes, loses power, forgets everything, or comes
/// back with an older record.
/// </summary>
internal sealed class SimWitness : INetworkHost
{
    private readonly World _world;
    private readonly MachineClock _clock;
    private readonly Chance _chance;
    private readonly WitnessCodec _codec = new(SimCluster.Id, SimCluster.Key);
    private readonly byte[] _answer = new byte[WitnessCodec.AnswerSize];
    private readonly List<WitnessRecord> _history = [];
    private WitnessVoter? _voter;
    private int _life;

    public SimWitness(World world)
    {
        _world = world;
        _clock = new MachineClock(world);
        _chance = world.ChanceFor("witness");
        if (!world.Options.HasWitness)
            return;
        _clock.Start(_chance.Between(-200, 200));
        _history.Add(NewStore());
        Start(continuous: false);
    }

    public bool Runs => _voter is not null;

    /// <param name="continuous">Its file in /run proves that nothing was set back: the same boot.</param>
    public void Start(bool continuous)
    {
        if (_voter is not null || _history.Count == 0)
            return;
        _voter = new WitnessVoter(_history[^1], _world.Machines.Length, continuous, _clock.Local);
        _history.Add(_voter.Record);
        _world.Note($"witness: starts{(continuous ? "" : ", without proof that it remembers everything")}");
    }

    public void Stop()
    {
        if (_voter is null)
            return;
        _world.Note("witness: gone");
        _voter = null;
        _life++;
    }

    public void Forget()
    {
        if (_history.Count > 0)
            _history.Add(NewStore());
    }

    public void RollBack()
    {
        if (_history.Count > 0)
            _history.Add(_history[_chance.Next(_history.Count)]);
    }

    public void Arrive(int network, ReadOnlySpan<byte> bytes)
    {
        if (_voter is null || _codec.Read(bytes, out WitnessRequest request) != WitnessRefusal.None)
            return;
        WitnessStep step = _voter.On(in request, _clock.Local, out WitnessAnswer answer);
        if (step == WitnessStep.Ignore)
            return;
        if (step == WitnessStep.Answer)
        {
            Send(network, request.Sender, answer);
            return;
        }

        // What is stored is durable after the disk's time; a life that ends before has stored nothing and answered nothing.
        WitnessRecord record = _voter.Record;
        int life = _life;
        byte sender = request.Sender;
        _world.After(TimeSpan.FromMicroseconds(_chance.Between(100, 3000)), () =>
        {
            if (life != _life)
                return;
            _history.Add(record);
            Send(network, sender, answer);
        });
    }

    private void Send(int network, int to, WitnessAnswer answer)
    {
        _codec.Write(in answer, _answer);
        _world.Network.SendBeat(_world.Machines.Length, to, network, _answer);
    }

    private WitnessRecord NewStore() => new() { StoreId = new Guid((int)_chance.NextBits(), (short)_chance.Next(32_000), 1, 1, 2, 3, 4, 5, 6, 7, 8) };
}
