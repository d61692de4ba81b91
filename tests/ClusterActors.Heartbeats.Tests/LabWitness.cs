using ClusterActors.Model.Voting;

namespace ClusterActors.Heartbeats.Tests;

/// <summary>The real voter of a witness on the lab's clock, with a store that can be lost or set back.</summary>
internal sealed class LabWitness : IDisposable
{
    private readonly WitnessCodec _codec = new(new Guid("00112233-4455-6677-8899-aabbccddeeff"), [.. Enumerable.Range(1, 32).Select(i => (byte)i)]);
    private readonly int _servers;
    private WitnessVoter _voter;

    public LabWitness(int servers, long now)
    {
        _servers = servers;
        _voter = new WitnessVoter(new WitnessRecord { StoreId = Guid.NewGuid() }, servers, continuous: true, now);
        Store = _voter.Record;
    }

    /// <summary>What is on its disk. A copy may be put back by <see cref="Start"/>.</summary>
    public WitnessRecord Store { get; private set; }

    public bool Running { get; private set; } = true;

    public bool IsRegistered => _voter.IsRegistered;

    public List<(int Server, WitnessVerdict Verdict)> Verdicts { get; } = [];

    public void Stop() => Running = false;

    /// <summary>A new life.</summary>
    /// <param name="store">In place of what it had on disk.</param>
    /// <param name="continuous">It is proven to be the newest.</param>
    public void Start(long now, WitnessRecord? store = null, bool continuous = false)
    {
        _voter = new WitnessVoter(store ?? Store, _servers, continuous, now);
        Store = _voter.Record;
        Running = true;
    }

    public void StartEmpty(long now) => Start(now, new WitnessRecord { StoreId = Guid.NewGuid() });

    /// <summary>Takes a request; returns the server and the datagram that answers it, or null.</summary>
    public (int To, byte[] Bytes)? On(byte[] datagram, long now)
    {
        if (!Running || _codec.Read(datagram, out WitnessRequest request) != WitnessRefusal.None)
            return null;
        WitnessStep step = _voter.On(in request, now, out WitnessAnswer answer);
        if (step == WitnessStep.Ignore)
            return null;
        Store = _voter.Record;
        Verdicts.Add((request.Sender, answer.Verdict));
        var bytes = new byte[WitnessCodec.AnswerSize];
        _codec.Write(in answer, bytes);
        return (request.Sender, bytes);
    }

    public void Dispose() => _codec.Dispose();
}
