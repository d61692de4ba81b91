using System.Net;
using ClusterActors.Heartbeats.Engine;
using ClusterActors.Heartbeats.Lan;
using ClusterActors.Model;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Heartbeats.Tests;

/// <summary>
/// Several engines on one virtual clock, joined by channels with delay, loss and cuts. Does what a guardian does around the engine:
/// drains, ticks, sends, stores and commits terms, and keeps an account of who may start when.
/// </summary>
internal sealed class EngineLab : IDisposable
{
    public const long Ms = 1_000_000;

    /// <summary>The witness, as an end of a link.</summary>
    public const int WitnessNode = 100;
    private const int WitnessNetwork = 200;
    private readonly PriorityQueue<(int To, int From, int Network, byte[] Bytes), (long At, int Order)> _wire = new();
    private int _order;

    public EngineLab(int servers = 2, int networks = 1, PartitionPolicy policy = PartitionPolicy.TakeOver, long intervalMs = 200, long timeoutMs = 2000, long grantMs = 1970)
    {
        for (int i = 0; i < servers; i++)
            Nodes.Add(new Node(this, i, Settings(i, servers, networks, policy, intervalMs, timeoutMs, grantMs)));
    }

    /// <summary>A lab in which votes count: a witness takes part when the number of servers is even.</summary>
    public static EngineLab Voting(int servers = 2, int networks = 1, long intervalMs = 200, long timeoutMs = 2000, long grantMs = 1970)
    {
        var lab = new EngineLab(servers, networks, PartitionPolicy.AskArbiters, intervalMs, timeoutMs, grantMs);
        if (servers % 2 == 0)
            lab.Witness = new LabWitness(servers, lab.Now);
        foreach (Node node in lab.Nodes)
        {
            node.Settings = node.Settings with
            {
                Voting = VotingMode.Vows,
                Arbiter = servers % 2 == 0 ? VotingArbiter.Witness : VotingArbiter.None,
                WitnessEndpoints = servers % 2 == 0 ? [new IPEndPoint(IPAddress.Parse("10.0.0.200"), 29080)] : [],
            };
            Xunit.Assert.Empty(node.Settings.Validate());
        }

        return lab;
    }

    /// <summary>Every term that was ever committed by its raiser.</summary>
    public Dictionary<Term, StoredTerm> Terms { get; } = [];

    /// <summary>Datagrams of the witness to each server, newest last.</summary>
    public List<(int To, byte[] Bytes)> WitnessAnswers { get; } = [];

    /// <summary>Null where only servers vote.</summary>
    public LabWitness? Witness { get; private set; }

    public List<Node> Nodes { get; } = [];

    public long Now { get; private set; } = 1_000 * Ms;

    /// <summary>Delay of a datagram in ns, or null when it is lost.</summary>
    public Func<int, int, int, long?> Link { get; set; } = (_, _, _) => 1 * Ms;

    public Node this[int index] => Nodes[index];

    public static GuardianSettings Settings(int own, int servers, int networks, PartitionPolicy policy, long intervalMs, long timeoutMs, long grantMs) => new()
    {
        ClusterName = "lab",
        ClusterId = new Guid("00112233-4455-6677-8899-aabbccddeeff"),
        Key = [.. Enumerable.Range(1, 32).Select(i => (byte)i)],
        OwnIndex = (byte)own,
        Servers = [.. Enumerable.Range(0, servers).Select(i => new GuardianServer((byte)i, $"server{i + 1}"))],
        Networks =
        [
            .. Enumerable.Range(0, networks).Select(n => new GuardianNetwork(
                (byte)n, $"lan{n + 1}", IPAddress.Parse($"10.0.{n}.{own + 1}"), 29002,
                [.. Enumerable.Range(0, servers).Where(i => i != own).Select(i => new GuardianPeerAddress((byte)i, IPAddress.Parse($"10.0.{n}.{i + 1}")))])),
        ],
        Interval = TimeSpan.FromMilliseconds(intervalMs),
        Timeout = TimeSpan.FromMilliseconds(timeoutMs),
        Grant = TimeSpan.FromMilliseconds(grantMs),
        Policy = policy,
    };

    /// <summary>Starts and cleans every server at once and lets the first one raise the first term without excluding anybody silent.</summary>
    public EngineLab Formed()
    {
        foreach (Node node in Nodes)
        {
            node.Start();
            node.Engine.SetClean();
        }

        Run(1000);
        uint others = this[0].Settings.PeerMask();
        Xunit.Assert.True(this[0].Raise(others), this[0].LastRefusal);
        Run(1000);
        return this;
    }

    public void Run(long milliseconds)
    {
        long end = Now + (milliseconds * Ms);
        while (true)
        {
            long next = end;
            foreach (Node node in Nodes)
                next = Math.Min(next, node.NextWake);
            if (_wire.TryPeek(out _, out (long At, int Order) first))
                next = Math.Min(next, first.At);
            if (next > end || (next == end && Now == end))
                break;
            Now = Math.Max(Now, next);
            while (_wire.TryPeek(out _, out (long At, int Order) head) && head.At <= Now)
            {
                (int to, int from, int network, byte[] bytes) = _wire.Dequeue();
                if (to != WitnessNode)
                    Nodes[to].Deliver(network, bytes, head.At);
                else if (Witness?.On(bytes, Now) is { } answer && Link(WitnessNode, answer.To, WitnessNetwork) is { } delay)
                {
                    WitnessAnswers.Add((answer.To, answer.Bytes));
                    _wire.Enqueue((answer.To, WitnessNode, WitnessNetwork, answer.Bytes), (Now + delay, _order++));
                }
            }

            foreach (Node node in Nodes)
                node.Wake();
            if (Now == end)
                break;
        }
    }

    /// <summary>Cuts both directions between the two sides; the witness is <see cref="WitnessNode"/>.</summary>
    public void CutBetween(IReadOnlyCollection<int> one, IReadOnlyCollection<int> other) => Link = (from, to, _) =>
        (one.Contains(from) && other.Contains(to)) || (other.Contains(from) && one.Contains(to)) ? null : 1 * Ms;

    public void Cut() => Link = (_, _, _) => null;

    public void Heal() => Link = (_, _, _) => 1 * Ms;

    public void InjectFromWitness(int to, byte[] bytes) => Nodes[to].Deliver(WitnessNetwork, bytes, Now);

    public void Inject(int to, int network, byte[] bytes) => Nodes[to].Deliver(network, bytes, Now);

    public void Dispose()
    {
        foreach (Node node in Nodes)
            node.Stop();
        Witness?.Dispose();
    }

    internal sealed class Node(EngineLab lab, int index, GuardianSettings settings)
    {
        private readonly List<(int Network, byte[] Bytes, long At)> _socket = [];
        private long _nextPass;
        private uint _counter;
        private HeartbeatEngine? _engine;
        private TimeSpan _longestVow = settings.Timeout * settings.Ratio;

        /// <summary>Settings in force or, while it is stopped, on disk; the longest vow they can lead to is remembered.</summary>
        public GuardianSettings Settings
        {
            get;
            set
            {
                field = value;
                TimeSpan vow = value.Timeout * value.Ratio;
                _longestVow = vow > _longestVow ? vow : _longestVow;
            }
        } = settings;

        public StoredTerm Stored { get; set; }
        public List<EngineNote> Notes { get; } = [];
        public List<(int To, byte[] Bytes)> Sent { get; } = [];
        public List<BeatRefusal> Refusals { get; } = [];
        public bool Frozen { get; private set; }
        public bool Running => _engine is not null;
        public HeartbeatEngine Engine => _engine ?? throw new InvalidOperationException("stopped");
        public string LastRefusal { get; private set; } = "";

        /// <summary>Votes and promises on disk.</summary>
        public VotingRecord Record { get; set; } = VotingRecord.Empty;

        /// <summary>Commits adoptions by itself; off to test what lies between.</summary>
        public bool AutoAdopt { get; set; } = true;

        /// <summary>Ends everything at once when told to stand down; off to test what lies between.</summary>
        public bool AutoStandDown { get; set; } = true;

        /// <summary>Stores votes and promises by itself; off for a disk that hangs.</summary>
        public bool AutoRecord { get; set; } = true;

        /// <summary>Commits a term that was voted for by itself.</summary>
        public bool AutoCommit { get; set; } = true;

        public long NextWake => !Running || Frozen ? long.MaxValue
            : Engine.WantsPass ? lab.Now : Math.Min(_nextPass, Math.Max(Engine.NextChange(), lab.Now + 1));

        public void Start(uint? counter = null, ulong boot = 7)
        {
            Stop();
            _counter = counter ?? _counter + 1;
            _engine = new HeartbeatEngine(Settings, new Incarnation(boot, _counter), Stored, _longestVow, lab.Now, Record);
            _nextPass = lab.Now;
            Frozen = false;
        }

        public void Stop()
        {
            _engine?.Dispose();
            _engine = null;
            _socket.Clear();
        }

        public void Freeze() => Frozen = true;

        public void Thaw()
        {
            Frozen = false;
            _nextPass = lab.Now;
        }

        /// <summary>Asks for votes; the notes tell how it ended. False when it was refused at once.</summary>
        public bool Ask(uint excluded)
        {
            RaiseDecision decision = Engine.PrepareRaise(lab.Now, Engine.Term, excluded, 0);
            LastRefusal = decision.Reason;
            return decision.Awaited;
        }

        public bool Raise(uint excluded, uint confirmed = 0, Term? expected = null, bool arbiterVote = false)
        {
            RaiseDecision decision = Engine.PrepareRaise(lab.Now, expected ?? Engine.Term, excluded, confirmed, arbiterVote);
            LastRefusal = decision.Reason;
            return decision.Granted && Commit(decision.Term);
        }

        private bool Commit(StoredTerm term)
        {
            Stored = term;
            bool committed = Engine.CommitRaise(lab.Now);
            if (committed)
                lab.Terms[term.Term] = term;
            if (committed)
                _nextPass = lab.Now;
            return committed;
        }

        public void Deliver(int network, byte[] bytes, long at)
        {
            if (Running)
                _socket.Add((network, bytes, at));
        }

        public void Wake()
        {
            if (!Running || Frozen)
                return;
            foreach ((int network, byte[] bytes, long at) in _socket)
            {
                if (network == WitnessNetwork)
                    Engine.OnWitnessDatagram(lab.Now, bytes);
                else
                    Refusals.Add(Engine.OnDatagram(lab.Now, at, network, bytes));
            }

            _socket.Clear();
            Engine.OnTick(lab.Now);
            DrainNotes();
            if (lab.Now >= _nextPass || Engine.WantsPass)
                Pass();
        }

        public void Pass()
        {
            Engine.BeginPass(lab.Now);
            foreach (GuardianNetwork network in Settings.Networks)
            {
                foreach (GuardianPeerAddress peer in network.Peers)
                {
                    var bytes = new byte[BeatCodec.Size];
                    Array.Resize(ref bytes, Engine.WriteBeat(peer.ServerIndex, network.Index, bytes));
                    Sent.Add((peer.ServerIndex, bytes));
                    if (lab.Link(index, peer.ServerIndex, network.Index) is { } delay)
                        lab._wire.Enqueue((peer.ServerIndex, index, network.Index, bytes), (lab.Now + delay, lab._order++));
                }
            }

            var request = new byte[ClusterActors.Model.Voting.WitnessCodec.RequestSize];
            if (Engine.WriteWitnessRequest(request) > 0 && lab.Link(index, WitnessNode, WitnessNetwork) is { } toWitness)
                lab._wire.Enqueue((WitnessNode, index, WitnessNetwork, request), (lab.Now + toWitness, lab._order++));
            Engine.EndPass();
            DrainNotes();
            _nextPass = lab.Now + (Settings.Interval.Ticks * 100);
        }

        public Beat LastBeatTo(int peer)
        {
            using var codec = new BeatCodec(Settings.ClusterId, Settings.Key);
            byte[] bytes = Sent.Last(s => s.To == peer).Bytes;
            Xunit.Assert.Equal(BeatRefusal.None, codec.Read(bytes, (byte)peer, bytes[26], out Beat beat));
            return beat;
        }

        public PeerState StateOf(int peer) => Engine.View(peer, lab.Now).State;

        public bool MayExclude(int peer) => Engine.View(peer, lab.Now).MayExclude;

        public void StoreRecord()
        {
            if (Engine.TakeRecord() is not { } record)
                return;
            Record = record;
            Engine.RecordStored(lab.Now, durable: true);
        }

        private void DrainNotes()
        {
            while (Engine.Notes.TryTake(out EngineNote note))
            {
                Notes.Add(note);
                if (AutoAdopt && note.Kind is EngineNoteKind.HigherTerm or EngineNoteKind.Superseded && Engine.Adopting is { } term)
                {
                    Stored = term;
                    if (Engine.CommitAdoption(term.Term, everythingEnded: true))
                        _nextPass = lab.Now;
                }

                if (AutoRecord && note.Kind == EngineNoteKind.Record)
                    StoreRecord();
                if (AutoCommit && note.Kind == EngineNoteKind.CandidacyWon)
                    Commit(new StoredTerm(note.Term, Engine.Term, note.ExcludedServers));
                if (AutoStandDown && note.Kind == EngineNoteKind.StandDown)
                    Engine.StoodDown();
            }
        }
    }
}
