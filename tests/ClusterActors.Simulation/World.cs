using System.Globalization;
using ClusterActors.Simulation.Checks;
using ClusterActors.Simulation.Machine;
using ClusterActors.Simulation.Network;
using ClusterActors.Simulation.Running;
using ClusterActors.Simulation.Time;

namespace ClusterActors.Simulation;

/// <summary>
/// All servers of a simulated cluster with the networks between them, on one thread and one true time that nobody in it can read. The same
/// options and seed give the same course.
/// </summary>
internal sealed class World
{
    private readonly EventQueue _events = new();
    private readonly Queue<SimProcess> _ready = new();
    private readonly int _thread = Environment.CurrentManagedThreadId;
    private readonly List<string>? _timeline;
    private volatile string? _strayed;
    private ulong _digest = 14695981039346656037UL;

    public World(SimulationOptions options, ulong seed, bool withTimeline)
    {
        (Options, Seed) = (options, seed);
        _timeline = withTimeline ? [] : null;
        Cluster = new SimCluster(options);
        Network = new SimNetwork(this, options.Nodes, options.Networks);
        Machines = [.. Enumerable.Range(0, options.Nodes).Select(i => new SimMachine(this, i))];
        Witness = new SimWitness(this);
        Switch = new SimPowerSwitch(this);
        Store = new SimVoteStore(this);
        Shots = new Shots(this);
        Oracle = new Oracle(this);
        Coordinators = new OneCoordinator(this);
        Causes = new Causes(this);
        Survivor = new Survivor(this);
        TermRate = new TermRate(this);
    }

    /// <summary>True time, nanoseconds.</summary>
    public long Now { get; private set; }

    public SimulationOptions Options { get; }

    public ulong Seed { get; }

    public SimCluster Cluster { get; }

    public SimNetwork Network { get; }

    public SimMachine[] Machines { get; }

    public SimWitness Witness { get; }

    public SimPowerSwitch Switch { get; }

    public SimVoteStore Store { get; }

    /// <summary>By its index; the one behind the last server is the witness.</summary>
    public INetworkHost HostAt(int index) => index < Machines.Length ? Machines[index] : Witness;

    public Oracle Oracle { get; }

    public OneCoordinator Coordinators { get; }

    public Causes Causes { get; }

    public Survivor Survivor { get; }

    public TermRate TermRate { get; }

    public Shots Shots { get; }

    /// <summary>Sieges that have begun so far, and those of them that are over.</summary>
    public (int Begun, int Over) Sieges { get; set; }

    /// <summary>An administrator has wished for something of the cluster or a server as a whole.</summary>
    public bool WishesWereGiven { get; set; }

    public long Steps { get; private set; }

    /// <summary>Sum over everything of note that happened: equal for equal courses.</summary>
    public ulong Digest => _digest;

    public bool HasTimeline => _timeline is not null;

    public IReadOnlyList<string> Timeline => _timeline ?? [];

    public TimeSpan Elapsed => TimeSpan.FromTicks(Now / 100);

    public Chance ChanceFor(string purpose) => new(Seed, purpose);

    public void At(TimeSpan time, Action action) => _events.Add(time.Ticks * 100, new WorldAction(action));

    public void After(TimeSpan delay, Action action) => _events.Add(Now + (delay.Ticks * 100), new WorldAction(action));

    public void AddEvent(long at, WorldEvent what) => _events.Add(at, what);

    public void Ready(SimProcess process)
    {
        // Everything of a world runs on one thread; what leaves it, by the thread pool for example, is neither repeatable nor safe. Whoever does may
        // swallow the exception, so the run itself ends by it.
        if (Environment.CurrentManagedThreadId != _thread)
        {
            _strayed ??= $"{process.Name} of {process.Machine.Name} is woken on another thread than the world's: {Environment.StackTrace}";
            throw new InvalidOperationException(_strayed);
        }

        _ready.Enqueue(process);
    }

    /// <summary>Something of note; text only where somebody reads it.</summary>
    public void Note(string text)
    {
        foreach (char c in text)
            _digest = (_digest ^ c) * 1099511628211UL;
        _digest = (_digest ^ (ulong)Now) * 1099511628211UL;
        _timeline?.Add(string.Create(CultureInfo.InvariantCulture, $"{Now / 1e9,10:0.000} {text}"));
    }

    /// <summary>For the timeline only: detail that does not belong to the course.</summary>
    public void Detail(string text) => _timeline?.Add(string.Create(CultureInfo.InvariantCulture, $"{Now / 1e9,10:0.000}   {text}"));

    public void Run(TimeSpan span) => RunUntil(Now + (span.Ticks * 100));

    /// <summary>Lets time pass until the condition holds; false when the limit comes first. Looked at after each instant.</summary>
    public bool RunUntil(Func<bool> condition, TimeSpan limit)
    {
        long end = Now + (limit.Ticks * 100);
        while (!condition())
        {
            if (Oracle.Failed || !Step(end))
                return condition();
        }

        return true;
    }

    /// <summary>Also used while a process stands still in the middle of something: everybody else goes on.</summary>
    public void RunUntil(long end)
    {
        while (!Oracle.Failed && Step(end))
        {
        }
    }

    /// <summary>Everything of the next instant; false when that is behind <paramref name="end"/>, which is then the time.</summary>
    private bool Step(long end)
    {
        Drain();
        long next = _events.NextAt;
        foreach (SimMachine machine in Machines)
            next = Math.Min(next, machine.NextAt);
        if (next > end)
        {
            Now = Math.Max(Now, end);
            return false;
        }

        if (_strayed is not null)
            throw new InvalidOperationException(_strayed);
        Now = Math.Max(Now, next);
        Steps++;
        while (_events.NextAt <= Now)
        {
            _events.Take().Happen();
            Drain();
        }

        foreach (SimMachine machine in Machines)
            machine.RunDue();
        Drain();
        Oracle.Look();
        return true;
    }

    private void Drain()
    {
        while (_ready.TryDequeue(out SimProcess? process))
            process.Run();
    }
}
