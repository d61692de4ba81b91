using ClusterActors.Guardian.Beats;
using ClusterActors.Guardian.Control;
using ClusterActors.Guardian.Storage;
using ClusterActors.Heartbeats.Engine;
using ClusterActors.Linux.Realtime;
using ClusterActors.Model;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Guardian.Tests.Control;

/// <summary>One guardian of a pair with a store as arbiter, its peer silent.</summary>
internal sealed class CoreBench : IGuardianLog, IBootClock, IEngineLoops, IProgramHost, IAddressHost, IDaemonProcess, IDisposable
{
    private const long Ms = 1_000_000;

    public CoreBench(RealtimeReport? rights = null)
    {
        Settings = TestSettings.Pair() with
        {
            Policy = PartitionPolicy.AskArbiters,
            Voting = VotingMode.Vows,
            Arbiter = VotingArbiter.Store,
            ArbiterName = "etcd",
        };
        Disk = new FakeDisk(Settings);
        var options = new GuardianOptions(new GuardianPaths("/nowhere", "test"), "", [], RealTime: false);
        Core = new GuardianCore(options, new Incarnation(1, 1), rights, new GuardianPorts(this, this, Disk, this, this, this, this));
        Core.Start();
        Kills[^1](new KillOutcome(true, ""));
        Kills.Clear();
        Reconnect();
        Advance(2100);
        Ask(new RaiseTerm(Term.Zero, 0b10, 0b10, "first"), 2);
        Assert.Equal(GuardianResult.Done, Connection.Replies[2].Result);
    }

    public GuardianSettings Settings { get; }

    public GuardianCore Core { get; }

    public FakeDisk Disk { get; }

    public FakeConnection Connection { get; private set; } = null!;

    public FakeLoop Loop { get; private set; } = null!;

    public long Now { get; private set; } = 1000 * Ms;

    public List<Action<KillOutcome>> Kills { get; } = [];

    public bool Closed { get; private set; }

    public int FileDescriptor => -1;

    public int LiveCount => 0;

    public bool IsEmpty => true;

    public int Count => 0;

    public FenceChoice Kind => FenceChoice.None;

    public bool Runs => false;

    /// <summary>A daemon connects and greets.</summary>
    public void Reconnect()
    {
        Connection = new FakeConnection();
        Core.Accept(Connection);
        Core.Receive(Connection, new Hello(1, "test") { Understands = NoteEditions.Newest }, 1);
    }

    public void HoldByVow()
    {
        Loop.Engine.ArbiterVow(Now, Loop.Engine.Term, Now, 2000 * Ms);
        Advance(210);
    }

    public void KeepByVow(int milliseconds)
    {
        for (int i = 0; i < milliseconds; i += 100)
        {
            Loop.Engine.ArbiterVow(Now, Loop.Engine.Term, Now, 2000 * Ms);
            Advance(100);
        }
    }

    public void Ask(GuardianRequest request, ulong id)
    {
        Core.Receive(Connection, request, id);
        Advance(1);
    }

    public void Advance(int milliseconds)
    {
        for (int i = 0; i < milliseconds; i++)
        {
            Now += Ms;
            Loop.Turn(Now);
            Connection.LastSign = Now;
            Core.TakeNotes();
            Core.Tick();
        }
    }

    public long Monotonic => Now - (500 * Ms);

    public string? Open(GuardianSettings settings) => null;

    public IEngineLoop Start(GuardianSettings settings, HeartbeatEngine engine) => Loop = new FakeLoop(engine, this);

    public void Info(string text)
    {
    }

    public List<string> Warnings { get; } = [];

    public void Warn(string text) => Warnings.Add(text);

    public void Error(string text)
    {
    }

    public void Dispatch()
    {
    }

    public List<ProgramEntry> Running { get; } = [];

    public List<AddressEntry> Held { get; } = [];

    /// <summary>What was told to end, in order.</summary>
    public List<string> Ended { get; } = [];

    public IReadOnlyList<ProgramEntry> Programs() => Running;

    public IReadOnlyList<ProgramExited> Exited() => [];

    public void AllowStarts()
    {
    }

    /// <summary>Programs that the core let through.</summary>
    public List<StartProgram> Started { get; } = [];

    public void Start(StartProgram request, Action<Reply> answer)
    {
        Started.Add(request);
        answer(new Reply(GuardianResult.Done, "", []));
    }

    public string? Signal(string ticket, int signal) => null;

    public void Kill(string group, string resource, TimeSpan limit, Action<KillOutcome> done)
    {
        Ended.Add($"{group}.{resource}");
        Kills.Add(done);
    }

    public void Dismiss()
    {
    }

    public void KillAll(TimeSpan limit, Action<KillOutcome> done)
    {
        Ended.Add("the rest");
        Kills.Add(done);
    }

    public IReadOnlyList<AddressEntry> Entries() => Held;

    public void Add(AddAddress request, Action<Reply> answer) => throw new NotSupportedException("no address is added here");

    public void Remove(string group, string resource, Action<Reply> answer)
    {
        Ended.Add($"{group}.{resource}");
        answer(new Reply(GuardianResult.Done, "", []));
    }

    public void CloseAll() => Closed = true;

    public void RemoveAll(Action<KillOutcome> done) => done(new KillOutcome(true, ""));

    public void Arm() => Closed = false;

    public string? WhyNot(GuardianSettings settings) => null;

    public void Prepare(GuardianSettings settings)
    {
    }

    public string Describe() => "none";

    public bool Start(string path, IReadOnlyList<string> arguments) => false;

    public void StartAhead(string path, IReadOnlyList<string> arguments)
    {
    }

    public void DropAhead()
    {
    }

    public void Signal(int signal)
    {
    }

    public void Dispose() => Loop.Dispose();
}

internal sealed class FakeDisk(GuardianSettings settings) : IGuardianDisk
{
    private readonly List<Action> _waiting = [];

    public bool Hold { get; set; }

    public GuardianState State { get; private set; } = new(1, default, TimeSpan.Zero);

    public GuardianSettings? Settings { get; } = settings;

    public IReadOnlyList<string> Findings => [];

    public TimeSpan Settle(GuardianSettings settings) => settings.Timeout;

    public void StoreTerm(StoredTerm term, Action<string?> done) => Store(State with { Term = term }, done);

    public void StoreCounter(uint counter, Action<string?> done) => Store(State with { StartCounter = counter }, done);

    public void ForgetOldVows(Action<string?> done) => done(null);

    public void StoreVotes(VotingRecord votes, Action<string?> done) => Store(State with { Votes = votes }, done);

    public void StoreSettings(GuardianSettings settings, Action<string?> done) => done(null);

    public void Release()
    {
        Hold = false;
        foreach (Action waiting in _waiting)
            waiting();
        _waiting.Clear();
    }

    private void Store(GuardianState state, Action<string?> done)
    {
        void Write()
        {
            State = state;
            done(null);
        }

        if (Hold)
            _waiting.Add(Write);
        else
            Write();
    }
}

internal sealed class FakeConnection : IDaemonConnection
{
    public Dictionary<ulong, Reply> Replies { get; } = [];

    public List<GuardianNote> Notes { get; } = [];

    public bool Greeted { get; set; }

    public int PeerProcessId => 1;

    public long LastSign { get; set; }

    public void Send(GuardianFrame frame, ulong requestId)
    {
        if (frame is Reply reply)
            Replies[requestId] = reply;
        else
            Notes.Add((GuardianNote)frame);
    }

    public void Dispose()
    {
    }
}

internal sealed class FakeLoop(HeartbeatEngine engine, IBootClock clock) : IEngineLoop
{
    private const long Ms = 1_000_000;
    private long _next;

    public HeartbeatEngine Engine => engine;

    public bool Disarmed { get; private set; }

    public EngineStatus Status => EngineStatus.Of(engine);

    public long GrantDeadline => engine.GrantDeadline;

    public IReadOnlyList<ChannelDevice> Devices => [];

    public NoteQueue Notes => engine.Notes;

    public BeatCounters Counters => engine.Counters;

    public LatencyHistogram Lateness { get; } = new();

    public LatencyHistogram Renewal { get; } = new();

    public void Turn(long now)
    {
        engine.OnTick(now);
        if (now < _next && !engine.WantsPass)
            return;
        engine.BeginPass(now);
        engine.EndPass();
        if (engine.Grant == GrantState.Held)
            Disarmed = false;
        _next = now + (200 * Ms);
    }

    public bool TryPost(Action<HeartbeatEngine, long> command)
    {
        command(engine, clock.Now);
        return true;
    }

    public bool TryAsk(Func<HeartbeatEngine, long, Action> command)
    {
        command(engine, clock.Now)();
        return true;
    }

    public void RequestPass() => _next = 0;

    public string? Reconfigure(GuardianSettings settings) => null;

    public void DisarmKill() => Disarmed = true;

    public void Dispose() => engine.Dispose();
}
