using System.Globalization;
using ClusterActors.Actors;
using ClusterActors.Cluster;
using ClusterActors.Cluster.Coordination;
using ClusterActors.Cluster.Events;
using ClusterActors.Cluster.Membership;
using ClusterActors.Cluster.Wire;
using ClusterActors.Model;
using ClusterActors.Model.Arbiters;
using ClusterActors.Model.Events;
using ClusterActors.Model.Guardian;
using ClusterActors.Persistence;
using ClusterActors.Remoting;
using ClusterActors.Simulation.Machine;
using ClusterActors.Simulation.Network;
using ClusterActors.Simulation.Time;

namespace ClusterActors.Simulation.Daemon;

/// <summary>One life of <c>clpd</c>: the product's actors, journal and links, wired as its composition root wires them.</summary>
internal sealed class DaemonProcess : SimProcess
{
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(10);
    private readonly DeterministicDispatcher _dispatcher;
    private readonly ProcessTime _time;
    private readonly ProgramEnds _ends = new();
    private readonly OfferedSettings _settings;
    private ActorSystem? _system;
    private ClusterSystem? _cluster;
    private RemoteLinks? _links;

    public DaemonProcess(SimMachine machine)
        : base(machine, $"{machine.Name}/clpd")
    {
        Chance chance = World.ChanceFor($"daemon {machine.Index} at {World.Now}");
        _dispatcher = new DeterministicDispatcher(chance.Next(int.MaxValue)) { OnReady = Ready };
        _time = new ProcessTime(this);
        _settings = new OfferedSettings(this, _time);
        Link = new SimGuardianLink(this, chance);
        Transport = new SimTransport(this, server => World.Machines[server].Daemon?.Transport, [.. World.Cluster.Names.Select(n => n.Value)]);
        Config = World.Cluster.Config(machine.ConfigVersion);
        ConfigVersion = machine.ConfigVersion;
        StartDelay = chance.Between(TimeSpan.FromMilliseconds(150), TimeSpan.FromMilliseconds(500));
    }

    public SimTransport Transport { get; }

    public SimGuardianLink Link { get; }

    public ClusterConfig Config { get; }

    public int ConfigVersion { get; }

    public TimeSpan StartDelay { get; }

    public ClusterSystem? Cluster => _cluster;

    public ActorSystem? System => _system;

    /// <summary>Whom it does not wait for to decide.</summary>
    public IReadOnlyCollection<ServerName> PassedOver { get; private set; } = [];

    /// <summary>Resource operations that have not ended.</summary>
    public int Operations { get; set; }

    public int Waits => _ends.Waits;

    public void Begin() => PostAfter(StartDelay, StartActors);

    /// <summary>The newest plan and view, as status shows them; null while the daemon cannot say.</summary>
    public void AskPlan(Action<PlanShown> answer)
    {
        if (_cluster is null || !IsAlive)
            return;
        Post(() => _cluster.Coordinator.Ask<PlanShown>(new GetPlan(), TimeSpan.FromSeconds(2)).ContinueWith(
            task =>
            {
                if (task.IsCompletedSuccessfully)
                    answer(task.Result);
            },
            CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default));
    }

    /// <summary>The guardian's settings have changed, as by a ratio of the timeouts.</summary>
    public void TellSettings() => Post(_settings.Tell);

    /// <summary>Waits for the end of a program, as the product does.</summary>
    public Task<string> EndOf(string ticket) => _ends.Expect(ticket);

    protected override void Work() => _dispatcher.RunUntilIdle();

    protected override void OnKilled()
    {
        Link.ProcessEnded();
        _dispatcher.OnReady = null;
    }

    private void StartActors()
    {
        ServerName self = Machine.Name;
        _system = ActorSystem.Create(ClusterSystem.SystemName, new ActorSystemOptions
        {
            TimeProvider = _time,
            Dispatcher = _dispatcher,
            Server = self.Value,
            Seed = (long)(World.ChanceFor($"system {Machine.Index} at {World.Now}").NextBits() >> 1),
            LogSink = new TimelineSink(World, self.Value),
            GuardianStrategy = new OneForOneStrategy(static _ => Directive.Escalate),
        });
        _system.WhenTerminated.ContinueWith(
            _ => Post(() => Machine.KillDaemon("its actor system ended")), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        var orders = new OrderTap(this);
        _system.EventStream.Subscribe<OrderSent>(orders);
        _system.EventStream.Subscribe<OrderAccepted>(orders);
        _system.EventStream.Subscribe<PassedOverChanged>(orders);
        var registry = new EventRegistry();
        ClusterMessages.RegisterIn(registry);
        SimJournal journal = Machine.Journal.OpenFor(this);
        _cluster = ClusterSystem.Start(_system, new ClusterParts(
            Config, self, Link, new EventStore(journal, journal, registry), resource => new SimResource(this, resource), [new TimelineEvents(this)], PowerOff)
        {
            Stretch = _settings.Set,
            SignInterval = World.Options.Profile.Sign,
            Arbiters = [.. Arbiters()],
            BootTime = () => TimeSpan.FromTicks(Machine.Clock.Local / 100),
        });
        StartLinks(_system, _cluster, self);
        Link.OnNote(Handle);
        Link.OnLost = () => _cluster.NodeManager.Tell(new GuardianGone());
        Link.Connect();
    }

    private IEnumerable<IArbiter> Arbiters()
    {
        if (World.Options.HasFence)
            yield return new SimFence(this);
        if (World.Options.HasStore)
            yield return new SimStoreClient(this);
    }

    private void StartLinks(ActorSystem system, ClusterSystem cluster, ServerName self)
    {
        var registry = new WireRegistry();
        ClusterMessages.RegisterIn(registry);
        IActorRef bridge = system.ActorOf(LinkBridge.Props(cluster.NodeManager), "links");
        system.EventStream.Subscribe<LinkUp>(bridge);
        system.EventStream.Subscribe<LinkDown>(bridge);
        double scale = Math.Clamp(World.Options.Scale, 1, 10);
        _links = RemoteLinks.Start(system, Transport, registry, new LinkOptions
        {
            Server = self.Value,
            Peers = [.. Config.Servers.Where(s => s.Name != self).Select(s => s.Name.Value)],
            Incarnation = string.Create(CultureInfo.InvariantCulture, $"{Machine.Index}-{World.Now:x}"),
            Cluster = "simulated",
            ConfigHash = Config.Hash,
            KeepAlive = TimeSpan.FromSeconds(scale),
            SilenceLimit = TimeSpan.FromSeconds(3 * scale),
            LostAfter = TimeSpan.FromSeconds(10 * scale),
        });
    }

    private void PowerOff(bool reboot)
    {
        SimMachine machine = Machine;
        World.Note($"{machine.Name}: final action, {(reboot ? "reboot" : "shut down")}");
        World.After(TimeSpan.FromSeconds(3), machine.PowerOff);
    }

    private void Handle(GuardianNote note)
    {
        switch (note)
        {
            case Welcome welcome:
                _ = IntroduceAsync(welcome);
                break;
            case ProgramExited exited:
                _ends.On(exited);
                break;
            case StopRequested stop:
                _cluster!.ProcessManager.Tell(stop);
                break;
            default:
                _cluster!.NodeManager.Tell(note);
                break;
        }
    }

    /// <summary>As GuardianFeed does it: settings first, then the table, then the rest of the daemon hears of the guardian.</summary>
    private async Task IntroduceAsync(Welcome welcome)
    {
        try
        {
            await _settings.ApplyAsync().ConfigureAwait(false);
            Reply table = await Link.AskAsync(new GetTable(), AnswerLimit).ConfigureAwait(false);
            _ends.On(table.Table);
            _cluster!.NodeManager.Tell(welcome);
        }
        catch (Exception e) when (e is IOException or TimeoutException)
        {
            World.Detail($"{Machine.Name} daemon: greeting not finished: {e.Message}");
        }
    }

    private sealed class LinkBridge : ReceiveActor
    {
        private LinkBridge(IActorRef nm)
        {
            Receive<LinkUp>(up => nm.Tell(new ServerLinked(new ServerName(up.Server), up.ConfigHash)));
            Receive<LinkDown>(down => nm.Tell(new ServerUnlinked(new ServerName(down.Server), down.Reason)));
        }

        public static Props Props(IActorRef nm) => Actors.Props.Create(() => new LinkBridge(nm));
    }

    /// <summary>Hands what is published to the check at the same instant, without a mailbox.</summary>
    private sealed class OrderTap(DaemonProcess daemon) : MinimalActorRef
    {
        public override ActorPath Path { get; } = ActorPath.Root(new Address("simulation")) / "orders";

        public override ActorSystem? System => daemon._system;

        protected override void TellInternal(object message, IActorRef? sender)
        {
            if (message is OrderSent sent)
            {
                daemon.World.Coordinators.Sent(daemon, sent);
                daemon.World.Causes.Sent(daemon, sent);
            }
            else if (message is PassedOverChanged changed)
            {
                daemon.PassedOver = changed.Servers;
            }
            else if (message is OrderAccepted accepted)
            {
                daemon.World.Coordinators.Accepted(daemon, accepted);
                daemon.World.Causes.Accepted(daemon, accepted);
                daemon.World.Survivor.Accepted(daemon, accepted);
            }
        }
    }

    private sealed class TimelineSink(World world, string server) : ILogSink
    {
        public bool IsEnabled(LogLevel level) => world.HasTimeline && level >= LogLevel.Info;

        public void Write(LogEvent logEvent)
        {
            if (IsEnabled(logEvent.Level))
                world.Detail($"{server} {logEvent.Source.Split('/')[^1]}: {logEvent.Message}");
        }
    }

    /// <summary>The event file of a machine: later daemons read on where the last one ended. An event that must follow from another and does not is a failure.</summary>
    private sealed class TimelineEvents(DaemonProcess daemon) : IEventSink
    {
        private readonly World _world = daemon.World;
        private readonly SimMachine _machine = daemon.Machine;

        public void Write(ClusterEvent raised, EventDefinition definition)
        {
            _machine.Events.Add(raised);
            _world.Causes.Raised(daemon, raised);
            _world.Survivor.Raised(daemon, raised);
            if (raised.CauseId is null && EventCauses.Has(raised.Key))
                _world.Oracle.Fail($"{_machine.Name}: event {raised.Key} ({raised.Render(EventCatalogue.Default, EventLanguage.English)}) has no cause");
            if (_world.HasTimeline)
                _world.Detail($"{_machine.Name} event {raised.Key}: {raised.Render(EventCatalogue.Default, EventLanguage.English)}");
        }

        public IReadOnlyList<ClusterEvent> ReadTail(int max) => _machine.Events.Newest(max);
    }
}

/// <summary>Who waits for the end of which program: fed by notes and, after a connect, by the table.</summary>
internal sealed class ProgramEnds
{
    private readonly Dictionary<string, TaskCompletionSource<string>> _waits = [];

    /// <summary>Waits whose program has not ended.</summary>
    public int Waits => _waits.Count;

    public Task<string> Expect(string ticket)
    {
        if (!_waits.TryGetValue(ticket, out TaskCompletionSource<string>? wait))
            _waits[ticket] = wait = new TaskCompletionSource<string>();
        return wait.Task;
    }

    public void On(ProgramExited exited) => Complete(exited.Ticket, exited.Signal != 0 ? $"signal {exited.Signal}" : $"exit code {exited.ExitCode}");

    public void On(GuardianTable table)
    {
        foreach (ProgramExited exited in table.Exited)
            On(exited);
        var live = table.Programs.Select(p => p.Ticket).ToHashSet();
        foreach (string ticket in _waits.Keys.Where(t => !live.Contains(t)).ToArray())
            Complete(ticket, "ended with an earlier guardian or before its daemon came back");
    }

    private void Complete(string ticket, string sentence)
    {
        if (_waits.Remove(ticket, out TaskCompletionSource<string>? wait))
            wait.TrySetResult(sentence);
    }
}
