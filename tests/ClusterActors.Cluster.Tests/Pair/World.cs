using ClusterActors.Actors;
using ClusterActors.Cluster.Arbitration;
using ClusterActors.Cluster.Coordination;
using ClusterActors.Cluster.Events;
using ClusterActors.Cluster.Groups;
using ClusterActors.Cluster.Membership;
using ClusterActors.Cluster.Process;
using ClusterActors.Cluster.Wire;
using ClusterActors.Cluster.Wishes;
using ClusterActors.Model;
using ClusterActors.Model.Arbiters;
using ClusterActors.Model.Events;
using ClusterActors.Model.Guardian;
using ClusterActors.Persistence;
using ClusterActors.Persistence.InMemory;
using ClusterActors.Simulation.Time;
using ClusterActors.TestKit;

namespace ClusterActors.Cluster.Tests.Pair;

/// <summary>
/// Two servers on one thread and one virtual clock: guardians, daemons, links, and programs that outlive daemons. After each step
/// no program may run on two servers whose guardians are in the same term.
/// </summary>
internal sealed class World : IDisposable
{
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(100);
    private readonly VirtualDriver _driver;
    private readonly Daemon?[] _daemons = new Daemon?[2];
    private readonly InMemoryStore[] _stores = [new(), new()];
    private readonly ClusterConfig?[] _otherConfig = new ClusterConfig?[2];
    private readonly List<string> _log = [];
    private readonly ITimer _beats;
    private bool _isDisposed;
    private int _raisesBefore;

    public World(ClusterConfig? config = null, int? seed = null)
    {
        Config = config ?? Configs.Pair();
        _driver = new VirtualDriver(seed);
        Guardians = [new FakeGuardian(this, 0), new FakeGuardian(this, 1)];
        _beats = _driver.Time.CreateTimer(_ => Pass(), null, Beat, Beat);
    }

    public ClusterConfig Config { get; }

    public FakeGuardian[] Guardians { get; }

    public TimeSpan Now => _driver.Clock.Elapsed;

    public List<string> Violations { get; } = [];

    public HashSet<(Incarnation, string)> Tickets { get; } = [];

    public HashSet<(int, string, string)> Busy { get; } = [];

    public Dictionary<(int Server, string Resource), int> StartsToFail { get; } = [];

    /// <summary>Starts that end with an exception that no resource is meant to throw.</summary>
    public HashSet<(int Server, string Resource)> StartsThatThrow { get; } = [];

    public HashSet<(int Server, string Resource)> Unstoppable { get; } = [];

    /// <summary>Groups of which a guardian's table has nothing though they run, as after synchronous start programs.</summary>
    public HashSet<string> Unlisted { get; } = [];

    /// <summary>Another host on the network has the address of this resource: found by a start that asks.</summary>
    public HashSet<string> InUse { get; } = [];

    /// <summary>Makes the arbiters of a server's daemon, where the policy asks any.</summary>
    public Func<int, IReadOnlyList<IArbiter>> Arbiters { get; set; } = _ => [];

    /// <summary>Vows of a store that daemons handed over: server, term, when it was asked.</summary>
    public List<(int Server, Term Term, TimeSpan Sent)> Vows { get; } = [];

    public List<bool> PowerOffs { get; } = [];

    /// <summary>Servers whose journals take no writes.</summary>
    public HashSet<int> FullDisks { get; } = [];

    /// <summary>No beats and no links between the servers.</summary>
    public bool IsCut { get; set; }

    /// <summary>Beats but no links.</summary>
    public bool IsUnlinked { get; set; }

    /// <summary>Orders between the servers that get lost.</summary>
    public int OrdersToLose { get; set; }

    /// <summary>Orders between the servers that stay under way until <see cref="LetGo"/>.</summary>
    public int OrdersToHold { get; set; }

    private readonly List<Action> _held = [];

    /// <summary>What was held arrives now, whatever has happened to its sender.</summary>
    public void LetGo()
    {
        _held.ForEach(arrive => arrive());
        _held.Clear();
    }

    public IReadOnlyList<string> LogLines => _log;

    public Daemon this[int server] => _daemons[server] ?? throw new InvalidOperationException($"daemon {server} does not run");

    /// <summary>Raises of the term since <see cref="CountRaises"/> was called.</summary>
    public int Raises => Guardians.Sum(g => g.Raises) - _raisesBefore;

    public void CountRaises() => _raisesBefore += Raises;

    public void Log(string line) => _log.Add(line);

    public void UseConfig(int server, ClusterConfig config) => _otherConfig[server] = config;

    public ClusterConfig ConfigOf(int server) => _otherConfig[server] ?? Config;

    public InMemoryStore StoreOf(int server) => _stores[server];

    public void ReplaceJournal(int server) => _stores[server] = new InMemoryStore();

    public void Boot(params ReadOnlySpan<int> servers)
    {
        foreach (var server in servers)
        {
            Guardians[server].Start();
            StartDaemon(server);
        }
    }

    public void StartDaemon(int server) => _daemons[server] = new Daemon(this, server, _driver);

    /// <summary>The daemon is killed; its guardian and all programs go on.</summary>
    public void KillDaemon(int server)
    {
        Guardians[server].DaemonGone();
        var daemon = _daemons[server];
        _daemons[server] = null;
        Unlink();
        daemon?.Dispose();
    }

    public void RestartDaemon(int server)
    {
        KillDaemon(server);
        StartDaemon(server);
    }

    /// <summary>The guardian dies with all programs; its daemon meets the next one.</summary>
    public void RestartGuardian(int server)
    {
        Guardians[server].Die();
        this[server].Nm.Tell(new GuardianGone());
        Guardians[server].Start();
        this[server].Connect(Guardians[server]);
    }

    public void PowerOff(int server)
    {
        Guardians[server].Die();
        KillDaemon(server);
    }

    public void LeftInOrder(int server) => Log($"server {server} left in order");

    public void Crash(int server, string group, string resource) => Guardians[server].End((group, resource), "exit code 1");

    public bool RunsOn(int server, string group) =>
        Config.FindGroup(new(group))!.Resources.All(r => Guardians[server].Programs.ContainsKey((group, r.Name.Value)));

    public bool RunsNowhere(string group) => !Guardians.Any(g => g.Programs.Keys.Any(k => k.Group == group));

    /// <summary>Runs there, and both its resources and the record of each living daemon say so.</summary>
    public void Settled(int server, string group, double seconds = 10) => Until(
        () => RunsOn(server, group) && _daemons.Where(d => d is not null).All(d => d!.RecordOf(group) is { State: GroupState.Online } r && r.Owner == Config.Servers[server].Name),
        seconds, $"{group} runs on server {server + 1}");

    public void Until(Func<bool> condition, double seconds, string what)
    {
        var held = _driver.WaitUntil(condition, TimeSpan.FromSeconds(seconds));
        if (!held)
            throw new TestKitException($"not within {seconds} s: {what}\n{Describe()}");
        NoViolations();
    }

    public void Run(double seconds)
    {
        _driver.Pass(TimeSpan.FromSeconds(seconds));
        NoViolations();
    }

    public AdminOutcome Command(int server, AdminVerb verb, string? group, ServerName? to = null, double wait = 20, bool dryRun = false)
    {
        var asked = this[server].Coordinator.Ask<AdminOutcome>(
            new AdminCommand($"c{_log.Count}-{Now}", verb, group is null ? null : new(group), to, wait, dryRun, "test", "root"), TimeSpan.FromSeconds(wait + 5));
        var outcome = _driver.Await(asked, TimeSpan.FromSeconds(wait + 6));
        NoViolations();
        return outcome;
    }

    public AdminOutcome Wish(int server, WishVerb verb, ServerName? about = null, int ratio = 1, double seconds = 60, bool dryRun = false) =>
        Ask<AdminOutcome>(this[server].Coordinator, new WishCommand($"w{_log.Count}-{Now}", verb, about, ratio, seconds, dryRun, "test", "root"));

    public T Ask<T>(IActorRef actor, object question) => _driver.Await(actor.Ask<T>(question, TimeSpan.FromSeconds(5)), TimeSpan.FromSeconds(6));

    public Task Delay(TimeSpan time, CancellationToken cancellation)
    {
        var ended = new TaskCompletionSource();
        var timer = _driver.Time.CreateTimer(_ => ended.TrySetResult(), null, time, Timeout.InfiniteTimeSpan);
        cancellation.Register(() => HereAndNow.Run(() => ended.TrySetCanceled(cancellation)));
        return End();

        async Task End()
        {
            using (timer)
                await ended.Task.ConfigureAwait(false);
        }
    }

    public void CheckOwners()
    {
        foreach (var key in Guardians[0].Programs.Keys.Where(Guardians[1].Programs.ContainsKey))
            if (!IsCut)
                Violations.Add($"at {Now}: {key} runs on both servers");
    }

    public ICanTell Remote(int from, int to, Func<Daemon, IActorRef> which) => new RemoteRef(this, from, to, which);

    public void Dispose()
    {
        if (_isDisposed)
            return;
        _isDisposed = true;
        _beats.Dispose();
        foreach (var daemon in _daemons)
            daemon?.Dispose();
    }

    public string Describe() => string.Join("\n", _daemons.Where(d => d is not null).Select(d => d!.Describe()).Concat(_log.TakeLast(25)).Concat(Violations));

    private void NoViolations() => Assert.True(Violations.Count == 0, string.Join("\n", Violations));

    private void Pass()
    {
        for (var i = 0; i < 2; i++)
        {
            var (own, peer) = (Guardians[i], Guardians[1 - i]);
            if (!own.IsAlive)
                continue;
            if (peer.IsAlive && !IsCut)
                own.Hear(1 - i, peer);
            own.EndPass(1 - i);
            own.TellChanges(1 - i);
        }

        if (IsCut || IsUnlinked)
            Unlink();
        else
            Link();
        CheckOwners();
    }

    private void Link()
    {
        if (_daemons[0] is not { } one || _daemons[1] is not { } two || one.IsLinked)
            return;
        (one.IsLinked, two.IsLinked) = (true, true);
        one.Nm.Tell(new ServerLinked(Configs.Server2, two.Config.Hash));
        two.Nm.Tell(new ServerLinked(Configs.Server1, one.Config.Hash));
    }

    private void Unlink()
    {
        for (var i = 0; i < 2; i++)
        {
            if (_daemons[i] is { IsLinked: true } daemon)
            {
                daemon.IsLinked = false;
                daemon.Nm.Tell(new ServerUnlinked(Config.Servers[1 - i].Name, "gone"));
            }
        }
    }

    private sealed class RemoteRef(World world, int from, int to, Func<Daemon, IActorRef> which) : ICanTell
    {
        public void Tell(object message, IActorRef? sender)
        {
            if (world._daemons[to] is not { } daemon || (from != to && !daemon.IsLinked))
                return;
            if (from != to && world.OrdersToLose > 0 && message is StartGroupOrder or StopGroupOrder)
            {
                if (world.OrdersToLose > 0)
                {
                    world.OrdersToLose--;
                    world.Log($"lost {message.GetType().Name}");
                    return;
                }
            }

            if (from != to && world.OrdersToHold > 0 && message is StartGroupOrder or StopGroupOrder)
            {
                world.OrdersToHold--;
                world.Log($"held {message.GetType().Name}");
                world._held.Add(() => which(daemon).Tell(message, sender));
                return;
            }

            which(daemon).Tell(message, sender);
        }
    }
}

/// <summary>One life of a node daemon: the actors of the product, wired as its composition root does.</summary>
internal sealed class Daemon : IDisposable
{
    private readonly TestKitBase _kit;
    private readonly EventSink _events = new();

    public Daemon(World world, int server, VirtualDriver driver)
    {
        _kit = new TestKitBase(driver, $"clpd{server + 1}");
        Config = world.ConfigOf(server);
        var self = Config.Servers[server].Name;
        var guardian = world.Guardians[server];
        var registry = new EventRegistry();
        ClusterMessages.RegisterIn(registry);
        var store = new EventStore(new DiskThatFills(world.StoreOf(server), () => world.FullDisks.Contains(server)), world.StoreOf(server), registry);
        var ids = new EventIds(self, driver.Time.GetUtcNow());
        Events = _kit.ActorOf(EventJournal.Props(self, ids, driver.Time, [_events]), "evt");
        Nm = _kit.ActorOf(NodeManager.Props(new(Config, self, guardian, Events, ids, name => world.Remote(server, Config.IndexOf(name), d => d.Nm), driver.Time)), "nm");
        Pm = _kit.ActorOf(ProcessManager.Props(new(Config, self, guardian, Events, ids, driver.Time, world.PowerOffs.Add)), "pm");
        Rc = _kit.ActorOf(ResourceControl.Props(new(Config, self, ids, store, r => new FakeResource(world, server, r)), Nm, Pm, Events), "rc");
        Wishes = _kit.ActorOf(WishKeeper.Props(new(store, Nm, Events, driver.Time, ratio => Ratio = ratio)), "wishes");
        Coordinator = _kit.ActorOf(Coordination.Coordinator.Props(new(
            Config, self, Nm, Rc, Events, ids, name => world.Remote(server, Config.IndexOf(name), d => d.Rc))
        { OwnWishes = Wishes }), "coordinator");
        if (Config.OnPartition == PartitionPolicy.AskArbiters)
        {
            Arbitration = _kit.ActorOf(Arbitrator.Props(new(
                Config, self, world.Arbiters(server), Coordinator, Events, ids, driver.Time, () => world.Now, (term, sent, _) =>
                {
                    world.Vows.Add((server, term, sent));
                    return Task.CompletedTask;
                })), "arbitration");
            Coordinator.Tell(new ArbitrationThere(Arbitration));
        }

        Pm.Tell(new ProcessNeighbours(Nm, Rc, Coordinator));
        Nm.Tell(new ViewReaders([Coordinator, Pm, Rc], Rc) { Wishes = Wishes });
        Connect(guardian);
    }

    public void Connect(FakeGuardian guardian)
    {
        guardian.OnNote(note => (note is StopRequested ? Pm : Nm).Tell(note));
        guardian.DaemonConnected();
    }

    public ClusterConfig Config { get; }

    public IActorRef Events { get; }

    public IActorRef Nm { get; }

    public IActorRef Pm { get; }

    public IActorRef Rc { get; }

    public IActorRef Coordinator { get; }

    public IActorRef Arbitration { get; } = ActorRefs.Nobody;

    public IActorRef Wishes { get; }

    /// <summary>Factor of the timeouts handed to the guardian.</summary>
    public int Ratio { get; private set; } = 1;

    public bool IsLinked { get; set; }

    public IReadOnlyList<ClusterEvent> EventsWritten => _events.Written;

    public IReadOnlyList<string> EventTexts => [.. _events.Written.Select(e => $"{e.Key} {e.Render(EventCatalogue.Default, EventLanguage.English)}")];

    public PlanShown Plan()
    {
        var asked = Coordinator.Ask<PlanShown>(new GetPlan(), TimeSpan.FromSeconds(1));
        ((VirtualDriver)_kit.Driver).RunUntilIdle();
        return asked.GetAwaiter().GetResult();
    }

    public GroupRecord? RecordOf(string group) => Plan().View?.Groups.FirstOrDefault(g => g.Record.Group.Value == group)?.Record;

    public int EventCount(string contains) => EventTexts.Count(t => t.Contains(contains, StringComparison.OrdinalIgnoreCase));

    public string Describe()
    {
        var shown = Plan();
        return $"{_kit.Sys.Name}: coordinator {shown.Plan?.Coordinator}, {shown.View?.Standing}, wait {shown.View?.StartupWait}\n  "
            + string.Join("\n  ", shown.Plan?.Actions.Select(a => $"{a.GetType().Name} {a.Group}: {a.Because.Sentence}") ?? [])
            + "\n  " + string.Join("\n  ", shown.View?.Groups.Select(g => g.Record.ToString()) ?? [])
            + "\n  " + string.Join("\n  ", EventTexts.TakeLast(12));
    }

    public void Dispose() => _kit.Dispose();

    private sealed class EventSink : IEventSink
    {
        public List<ClusterEvent> Written { get; } = [];

        public void Write(ClusterEvent raised, EventDefinition definition) => Written.Add(raised);

        public IReadOnlyList<ClusterEvent> ReadTail(int max) => [];
    }
}
