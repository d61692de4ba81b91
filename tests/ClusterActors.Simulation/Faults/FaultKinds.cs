using ClusterActors.Cluster.Wire;
using ClusterActors.Model;
using ClusterActors.Simulation.Machine;
using ClusterActors.Simulation.Network;
using ClusterActors.Simulation.Running;
using ClusterActors.Simulation.Time;

namespace ClusterActors.Simulation.Faults;

/// <summary>How long a fault lasts.</summary>
internal enum FaultLength
{
    /// <summary>It is an instant.</summary>
    None,

    /// <summary>By the timeout: below, around or above it.</summary>
    ByTimeout,

    /// <summary>Some seconds up to a minute.</summary>
    Seconds,

    /// <summary>Several timeouts: steps that follow one another.</summary>
    Timeouts,
}

/// <param name="Weight">How often, against the others.</param>
/// <param name="Begin">Does it; what it returns, if anything, ends it.</param>
internal sealed record FaultKind(string Name, string What, int Weight, FaultLength Length, Func<FaultSite, Action?> Begin)
{
    /// <summary>Least number of servers.</summary>
    public int LeastNodes { get; init; } = 2;

    /// <summary>Why the product does not survive it yet; such a fault comes only when it is asked for by name.</summary>
    public string? Open { get; init; }

    /// <summary>Only with a witness.</summary>
    public bool OfWitness { get; init; }

    /// <summary>Only with a vote store.</summary>
    public bool OfStore { get; init; }

    /// <summary>Only with a fence.</summary>
    public bool OfFence { get; init; }

    /// <summary>Only under this policy.</summary>
    public PartitionPolicy? Under { get; init; }

    /// <summary>Generation of the list: seeds found with an older one are run with the kinds of that time (<see cref="FaultKinds.UpTo"/>).</summary>
    public int Since { get; init; } = 1;

    public bool Suits(SimulationOptions options) => options.Nodes >= LeastNodes && (!OfWitness || options.HasWitness) && (!OfFence || options.HasFence) && (!OfStore || options.HasStore)
        && (Under is null || Under == options.Policy) && (Open is null || options.Faults.Contains(Name));

    public TimeSpan LengthOf(Chance chance, SimulationOptions options)
    {
        TimeSpan timeout = options.Profile.Timeout;
        return Length switch
        {
            FaultLength.None => TimeSpan.Zero,
            FaultLength.Seconds => TimeSpan.FromSeconds(1 + (chance.Share() * 40)) * Math.Max(1, options.Scale),
            FaultLength.Timeouts => timeout * (6 + (3 * chance.Share())),
            _ => chance.Next(3) switch
            {
                0 => timeout * (0.1 + (chance.Share() * 0.8)),
                1 => timeout * (0.9 + (chance.Share() * 0.3)),
                _ => timeout * (1.2 + (chance.Share() * 10)),
            },
        };
    }
}

/// <summary>Where a fault strikes.</summary>
internal sealed class FaultSite(World world, Fault fault, Administrator administrator)
{
    public World World => world;

    public Fault Fault => fault;

    public Administrator Administrator => administrator;

    public SimMachine Machine => world.Machines[fault.Server];

    /// <summary>Terms that every server has forgotten are another story: then the records of the journals are newer than anything to come.</summary>
    public bool IsFirstSetBack => !world.Machines.Any(m => m.Files.WasSetBack && m != Machine);

    /// <summary>Changes a direction on some networks; what it returns undoes it.</summary>
    public Action Paths(IEnumerable<(int From, int To)> pairs, IEnumerable<int> networks, Action<SimPath> begin, Action<SimPath> end)
    {
        (int Network, int From, int To)[] paths = [.. pairs.SelectMany(p => networks.Select(n => (n, p.From, p.To)))];
        foreach ((int network, int from, int to) in paths)
            world.Network.Change(network, from, to, begin);
        return () =>
        {
            foreach ((int network, int from, int to) in paths)
                world.Network.Change(network, from, to, end);
        };
    }

    public IEnumerable<int> AllNetworks => Enumerable.Range(0, world.Network.Networks);

    public IEnumerable<(int From, int To)> Both => [(fault.Server, fault.Other), (fault.Other, fault.Server)];

    /// <summary>Everybody on one side against everybody on the other; the sides are drawn from the fault's amount.</summary>
    public IEnumerable<(int From, int To)> Halves()
    {
        int nodes = world.Machines.Length + (world.Options.HasWitness ? 1 : 0);
        int mask = 1 + (int)(fault.Amount * ((1 << nodes) - 2));
        for (int i = 0; i < nodes; i++)
        {
            for (int j = 0; j < nodes; j++)
            {
                if (((mask >> i) & 1) != ((mask >> j) & 1))
                    yield return (i, j);
            }
        }
    }

    /// <summary>Pairs that are not neighbours in a ring.</summary>
    public IEnumerable<(int From, int To)> NotInRing()
    {
        int nodes = world.Machines.Length;
        for (int i = 0; i < nodes; i++)
        {
            for (int j = 0; j < nodes; j++)
            {
                int apart = Math.Abs(i - j);
                if (i != j && apart != 1 && apart != nodes - 1)
                    yield return (i, j);
            }
        }
    }
}

/// <summary>Every fault there is.</summary>
internal static class FaultKinds
{
    private const string NotProven = "too few courses with it were run";

    public static readonly IReadOnlyList<FaultKind> All =
    [
        new("partition", "two sides that do not hear each other on any network", 8, FaultLength.ByTimeout,
            s => s.Paths(s.Halves(), s.AllNetworks, p => p.Cut(), p => p.Heal())),
        new("one-way", "one server does not hear another one on any network", 6, FaultLength.ByTimeout,
            s => s.Paths([(s.Fault.Server, s.Fault.Other)], s.AllNetworks, p => p.Cut(), p => p.Heal())),
        new("pair-cut", "two servers of several do not hear each other", 3, FaultLength.ByTimeout,
            s => s.Paths(s.Both, s.AllNetworks, p => p.Cut(), p => p.Heal())) { LeastNodes = 3 },
        new("ring", "each server hears its two neighbours only", 3, FaultLength.ByTimeout,
            s => s.Paths(s.NotInRing(), s.AllNetworks, p => p.Cut(), p => p.Heal())) { LeastNodes = 4 },
        new("network-cut", "one network carries nothing", 4, FaultLength.Seconds,
            s => s.Paths(s.Halves(), [s.Fault.Network], p => p.Cut(), p => p.Heal())),
        new("loss", "a share of everything is lost", 4, FaultLength.Seconds,
            s => s.Paths(s.Halves(), s.AllNetworks, p => p.Loss = s.Fault.Amount * 0.9, p => p.Loss = 0)),
        new("delay", "everything takes longer, up to half of the timeout", 3, FaultLength.Seconds,
            s => s.Paths(s.Halves(), s.AllNetworks, p => p.Delay = s.World.Options.Profile.Timeout * (0.5 * s.Fault.Amount), p => p.Delay = TimeSpan.Zero)),
        new("disorder", "datagrams overtake each other", 3, FaultLength.Seconds,
            s => s.Paths(s.Halves(), s.AllNetworks, p => p.Jitter = s.World.Options.Profile.Timeout * (0.4 * s.Fault.Amount), p => p.Jitter = TimeSpan.Zero)),
        new("duplicates", "datagrams come twice", 2, FaultLength.Seconds,
            s => s.Paths(s.Halves(), s.AllNetworks, p => p.Duplicates = s.Fault.Amount, p => p.Duplicates = 0)),

        new("power-loss", "a machine loses power and gets it back", 8, FaultLength.Seconds, s => PowerLoss(s, _ => { })),
        new("lost-journal", "a machine comes back with an empty journal", 1, FaultLength.Seconds, s => PowerLoss(s, m => m.Journal.Replace())),
        new("old-journal", "a machine comes back with an older copy of its journal", 1, FaultLength.Seconds, s => PowerLoss(s, m => m.Journal.RollBack())),
        new("lost-state", "a machine comes back without guardian.state", 1, FaultLength.Seconds, s => PowerLoss(s, m => m.Files.Damage(), s.IsFirstSetBack)),
        new("old-state", "a machine comes back with an older guardian.state", 1, FaultLength.Seconds, s => PowerLoss(s, m => m.Files.RollBack(), s.IsFirstSetBack)),
        new("freeze", "every process of a machine stands still, its kernel does not", 7, FaultLength.ByTimeout, s => Until(s.Machine.Freeze, s.Machine.Thaw)),
        new("stall", "the guardian stands still right after it has read the clock", 7, FaultLength.ByTimeout, Stall),
        new("pause", "a hypervisor stops a machine with its clocks", 4, FaultLength.ByTimeout, s => Until(s.Machine.Pause, s.Machine.Resume)),
        new("guardian-crash", "clpmonp is killed and started again in the same boot", 5, FaultLength.None, s => Once(() => s.Machine.KillGuardian("fault"))),
        new("reaper-late", "clpmonp is killed, and its programs live on for up to a second, or until the next life has cleaned up", 3, FaultLength.None,
            // What is frozen does not act; on the thaw the reaper and what it ends go on at the same instant.
            s => Once(() => s.Machine.KillGuardian("fault", survivorsFor: s.Machine.IsFrozen ? TimeSpan.Zero : TimeSpan.FromSeconds(s.Fault.Amount)))),
        new("daemon-crash", "clpd is killed", 5, FaultLength.None, s => Once(() => s.Machine.KillDaemon("fault"))),
        new("daemon-hang", "clpd stands still", 3, FaultLength.Seconds, DaemonHangs),

        new("witness-cut", "one server and the witness do not hear each other", 6, FaultLength.ByTimeout, s => s.Paths(
            [(s.Fault.Server, s.World.Machines.Length), (s.World.Machines.Length, s.Fault.Server)], s.AllNetworks, p => p.Cut(), p => p.Heal())) { OfWitness = true },
        new("witness-crash", "the witness is killed and started again in the same boot", 3, FaultLength.ByTimeout,
            s => Until(s.World.Witness.Stop, () => s.World.Witness.Start(continuous: true))) { OfWitness = true },
        new("witness-power", "the witness loses power", 4, FaultLength.ByTimeout,
            s => Until(s.World.Witness.Stop, () => s.World.Witness.Start(continuous: false))) { OfWitness = true },
        new("witness-amnesia", "the witness comes back with an empty store", 2, FaultLength.ByTimeout, s => Until(s.World.Witness.Stop, () =>
        {
            if (!s.World.Witness.Runs)
                s.World.Witness.Forget();
            s.World.Witness.Start(continuous: false);
        })) { OfWitness = true },
        new("witness-rollback", "the witness comes back with an older record", 3, FaultLength.ByTimeout, s => Until(s.World.Witness.Stop, () =>
        {
            if (!s.World.Witness.Runs)
                s.World.Witness.RollBack();
            s.World.Witness.Start(continuous: false);
        })) { OfWitness = true },

        new("fence-fails", "the power switch refuses everything", 3, FaultLength.Seconds, s => Until(() => s.World.Switch.Fails = true, () => s.World.Switch.Fails = false)) { OfFence = true, Since = 4 },
        new("fence-slow", "the power switch takes up to twelve seconds more", 3, FaultLength.Seconds, s => Until(
            () => s.World.Switch.ExtraDelay = TimeSpan.FromSeconds(12 * s.Fault.Amount), () => s.World.Switch.ExtraDelay = TimeSpan.Zero)) { OfFence = true, Since = 4 },
        new("fence-cut", "one server does not reach the power switch", 4, FaultLength.Seconds, s => Until(
            () => s.World.Switch.CutFrom.Add(s.Fault.Server), () => s.World.Switch.CutFrom.Remove(s.Fault.Server))) { OfFence = true, Since = 4 },
        new("fence-mute", "the power switch does what it is told, and its answers are lost", 3, FaultLength.Seconds,
            s => Until(() => s.World.Switch.LosesAnswers = true, () => s.World.Switch.LosesAnswers = false)) { OfFence = true, Since = 4 },

        new("store-gone", "the vote store is down", 3, FaultLength.ByTimeout, s => Until(s.World.Store.Stop, s.World.Store.Start)) { OfStore = true, Since = 5 },
        new("store-cut", "one server does not reach the vote store", 6, FaultLength.ByTimeout, s => Until(
            () => s.World.Store.CutFrom.Add(s.Fault.Server), () => s.World.Store.CutFrom.Remove(s.Fault.Server))) { OfStore = true, Since = 5 },
        new("store-slow", "the vote store takes up to a second more", 3, FaultLength.Seconds, s => Until(
            () => s.World.Store.ExtraDelay = TimeSpan.FromSeconds(s.Fault.Amount), () => s.World.Store.ExtraDelay = TimeSpan.Zero)) { OfStore = true, Since = 5 },
        new("store-mute", "the vote store does what it is told, and its answers are lost", 3, FaultLength.ByTimeout,
            s => Until(() => s.World.Store.LosesAnswers = true, () => s.World.Store.LosesAnswers = false)) { OfStore = true, Since = 5 },
        new("store-replaced", "the vote store comes back as another one, which is empty", 2, FaultLength.Seconds, s => Back(s, s.World.Store.Replace)) { OfStore = true, Since = 5 },
        new("store-set-back", "the vote store comes back with an older copy", 3, FaultLength.Seconds, s => Back(s, s.World.Store.SetBack)) { OfStore = true, Since = 5 },

        new("slow-disk", "each write takes up to two seconds more", 3, FaultLength.Seconds, s => Until(
            () => s.Machine.DiskTroubles.ExtraDelay = TimeSpan.FromSeconds(2 * s.Fault.Amount), () => s.Machine.DiskTroubles.ExtraDelay = TimeSpan.Zero)),
        new("full-disk", "each write fails", 3, FaultLength.Seconds, s => Until(() => s.Machine.DiskTroubles.IsFull = true, () => s.Machine.DiskTroubles.IsFull = false)),
        new("wall-clock", "the wall clock jumps by up to a day, either way", 1, FaultLength.None,
            s => Once(() => s.Machine.Clock.WallOffset += (long)((s.Fault.Amount - 0.5) * 2 * 86_400e9))),

        new("program-crash", "a program ends by itself", 4, FaultLength.None, ProgramCrash),
        new("start-fails", "the next starts fail", 2, FaultLength.Seconds, s => Until(() => s.Machine.Troubles.StartsFail = 1 + (int)(s.Fault.Amount * 4), s.Machine.Troubles.Clear)),
        new("start-hangs", "the next start hangs", 2, FaultLength.Seconds, s => Until(() => s.Machine.Troubles.StartsHang = 1, s.Machine.Troubles.Clear)),
        new("stop-fails", "the next stops fail, so that the final action comes", 1, FaultLength.Seconds,
            s => Until(() => s.Machine.Troubles.StopsFail = 1 + (int)(s.Fault.Amount * 3), s.Machine.Troubles.Clear)),
        new("check-lies", "the next check says the opposite", 1, FaultLength.Seconds, s => Until(() => s.Machine.Troubles.ChecksLie = 1, s.Machine.Troubles.Clear)),
        new("slow-resources", "everything a resource does takes up to fifty times as long", 2, FaultLength.Seconds,
            s => Until(() => s.Machine.Troubles.Slowness = 1 + (s.Fault.Amount * 50), s.Machine.Troubles.Clear)),

        new("move", "an administrator moves a group", 6, FaultLength.None, s => Once(() => s.Administrator.Command(AdminVerb.Move, s.Fault))),
        new("stop", "an administrator stops a group and starts it again", 3, FaultLength.Seconds, s => Until(
            () => s.Administrator.Command(AdminVerb.Stop, s.Fault), () => s.Administrator.Command(AdminVerb.Start, s.Fault))),
        new("end-wait", "an administrator lets a server go on without those that have no power", 3, FaultLength.None, s => Once(() => s.Administrator.EndWait(s.Fault))),
        new("leave", "a server is stopped in order and started again", 4, FaultLength.Seconds, s => Until(
            () => s.Administrator.StopServer(s.Machine), s.Machine.StartGuardian)),
        new("standby", "an administrator puts a server into standby and ends it", 2, FaultLength.Seconds, s => Wished(s, WishVerb.Standby, WishVerb.ResumeServer)) { Since = 4, Open = NotProven },
        new("maintenance", "an administrator puts a server into maintenance and ends it", 2, FaultLength.Seconds,
            s => Wished(s, WishVerb.Maintenance, WishVerb.ResumeServer)) { Since = 4, Open = NotProven },
        new("suspend", "an administrator suspends the cluster and resumes it", 2, FaultLength.Seconds, s => Wished(s, WishVerb.Suspend, WishVerb.Resume)) { Since = 4, Open = NotProven },
        new("to-ratio", "an administrator stretches the timeouts by 2 to 4; half of the time that ends by itself", 2, FaultLength.Seconds, Stretched) { Since = 4, Open = NotProven },
        new("configure", "the configuration changes on one server after the other", 2, FaultLength.Seconds, s => Until(
            () => s.Administrator.Configure(s.Machine), s.Administrator.ConfigureRest)),

        new("found-active", "somebody starts a group by hand on a server, past the cluster, and stops it again; half of the time its daemon then asks what is true", 2,
            FaultLength.Seconds, FoundActive) { Since = 2 },
        new("left-alone", "an owner loses the witness, then is no longer heard, then may stand still", 4, FaultLength.Timeouts, Siege.LeftAlone) { Since = 2 },
        new("left-alone-longer", "the same, while a ratio of the timeouts has reached it but not yet the others", 2, FaultLength.Timeouts, Siege.LeftAloneLonger) { Since = 2 },
        new("flap-at-vote", "the first server is silent; voters hear it again while the candidate stores its term on a slow disk", 3, FaultLength.Timeouts,
            Siege.FlapAtVote) { LeastNodes = 3, Since = 2 },
        new("stuck-order", "a start order waits in a connection until the term has moved on and the group is elsewhere", 2, FaultLength.Timeouts,
            Siege.StuckOrder) { LeastNodes = 3, Since = 2 },
        new("chain", "the first server and another one miss each other, which the others meet; a group is moved away from one of the two", 2, FaultLength.Timeouts,
            Siege.Chain) { LeastNodes = 3, Since = 3 },
        new("back-by-one", "a server that the others went on without comes back by way of one of them, which is then stopped", 2, FaultLength.Timeouts,
            Siege.BackByOne) { LeastNodes = 3, Since = 3 },
        new("witness-reborn", "servers that lost each other rest on the witness; it starts anew and one does not reach it any more", 3, FaultLength.Timeouts,
            Siege.WitnessReborn) { OfWitness = true, Since = 2 },
        new("vote-forgotten", "an owner loses store and peer; the store votes, forgets the vote, and the old owner reaches it again", 3, FaultLength.Timeouts,
            Siege.VoteForgotten) { OfStore = true, Since = 5 },
        new("count-forgotten", "the store forgets counts that a server has vows by, while another one does not reach it", 3, FaultLength.Timeouts,
            Siege.CountForgotten) { OfStore = true, Since = 5 },
        new("survivors", "programs outlive a killed guardian for longer than the timeout, and the next life is soon not heard any more", 2, FaultLength.Timeouts,
            Siege.Survivors) { Under = PartitionPolicy.Hold, Since = 2 },
    ];

    public static IEnumerable<string> Names => All.Select(k => k.Name);

    /// <summary>The kinds there were in a generation of the list.</summary>
    public static IReadOnlyList<string> UpTo(int generation) => [.. All.Where(k => k.Since <= generation && k.Open is null).Select(k => k.Name)];

    public static FaultKind Find(string name) => All.First(k => k.Name == name);

    private static Action Until(Action begin, Action end)
    {
        begin();
        return end;
    }

    /// <summary>It is gone for a while, and then another one, or as it was once.</summary>
    private static Action Back(FaultSite site, Action change)
    {
        site.World.Store.Stop();
        return () =>
        {
            if (!site.World.Store.Runs)
                change();
            site.World.Store.Start();
        };
    }

    private static Action? Once(Action begin)
    {
        begin();
        return null;
    }

    private static Action? PowerLoss(FaultSite site, Action<SimMachine> damage, bool isDamaged = true)
    {
        SimMachine machine = site.Machine;
        if (!machine.IsPowered)
            return null;
        machine.PowerOff();
        if (isDamaged)
            damage(machine);
        return machine.PowerOn;
    }

    private static Action Wished(FaultSite site, WishVerb begin, WishVerb end)
    {
        ServerName? server = begin == WishVerb.Suspend ? null : site.Machine.Name;
        site.Administrator.Wish(begin, server);
        return () => site.Administrator.Wish(end, server);
    }

    private static Action? Stretched(FaultSite site)
    {
        site.Administrator.Wish(WishVerb.Stretch, ratio: 2 + (int)(site.Fault.Amount * 3), time: site.Fault.Lasts);
        bool endsByItself = site.World.ChanceFor($"to-ratio at {site.Fault.At}").Happens(0.5);
        return endsByItself ? null : () => site.Administrator.Wish(WishVerb.Normal);
    }

    private static Action? FoundActive(FaultSite site)
    {
        GroupConfig group = site.World.Cluster.Groups[(int)(site.Fault.Amount * site.World.Cluster.Groups.Count)];
        SimMachine machine = site.Machine;
        machine.StartByHand(group);
        if (site.World.ChanceFor($"found-active at {site.Fault.At}").Happens(0.5))
            machine.KillDaemon("restarted beside what was started by hand");
        return () => machine.StopByHand(group);
    }

    private static Action? DaemonHangs(FaultSite site)
    {
        if (site.Machine.Daemon is not { } daemon)
            return null;
        daemon.Freeze();
        return () =>
        {
            daemon.Machine.StoodStillAt = site.World.Now;
            daemon.Thaw();
        };
    }

    private static Action? ProgramCrash(FaultSite site)
    {
        SimProgram[] programs = [.. site.World.Machines.SelectMany(m => m.Programs.Values)];
        if (programs.Length == 0)
            return null;
        SimProgram program = programs[(int)(site.Fault.Amount * programs.Length)];
        SimMachine machine = site.World.Machines.First(m => m.Programs.ContainsValue(program));
        machine.EndProgram(program, 1, 0);
        return null;
    }

    /// <summary>
    /// The next reading or send but a few is followed by a freeze before the instruction behind it, and a few later comes a second one: short
    /// enough alone to lose nothing, together longer than the timeout.
    /// </summary>
    private static Action? Stall(FaultSite site)
    {
        SimMachine machine = site.Machine;
        int reads = 1 + (int)(site.Fault.Amount * 24);
        TimeSpan first = site.World.Options.Profile.Grant * (0.2 + (0.75 * site.Fault.Amount));
        StandStillAfter(site, machine, reads, first, () => StandStillAfter(site, machine, 1 + (reads % 7), site.Fault.Lasts, () => { }));
        return null;
    }

    private static void StandStillAfter(FaultSite site, SimMachine machine, int reads, TimeSpan time, Action then)
    {
        machine.Clock.OnGuardianReads = () =>
        {
            if (--reads > 0 || machine.Guardian is not { } guardian)
                return;
            machine.Clock.OnGuardianReads = null;
            machine.Freeze();
            site.World.RunUntil(site.World.Now + (time.Ticks * 100));
            machine.Thaw();
            if (!guardian.IsAlive)
                throw new ProcessKilledException();
            then();
        };
    }
}
