using System.Collections.Concurrent;
using System.Net;
using ClusterActors.Guardian.Control;
using ClusterActors.Guardian.Logging;
using ClusterActors.Linux.Net;
using ClusterActors.Linux.Net.Nftables;
using ClusterActors.Linux.Realtime;
using ClusterActors.Linux.Sockets;
using ClusterActors.Linux.Time;
using ClusterActors.Model;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Guardian.Addresses;

/// <summary>
/// The thread that puts group addresses up and takes them down: duplicate probe, fence first and read back, address, opening, announcements.
/// The order down is the reverse: closed first. Adding waits behind a probe for 0.6 s at most; closing never waits, it is done by the caller.
/// </summary>
internal sealed partial class AddressKeeper : IAddressHost
{
    private const int MaxJobs = 256;

    // Announcements by others wake this thread, but on a network full of them it looks no oftener than this.
    private const long LookGap = 5_000_000;
    private const int MaxWatchedLinks = 64;

    // Longer than a group takes to give its addresses up, short against anything else.
    private const long UnusedFor = 200_000_000;

    private readonly FenceLeases _leases;
    private readonly string _instance;
    private readonly ControlQueue _queue;
    private readonly RingLog _log;
    private readonly Action<GuardianNote> _note;
    private readonly ConcurrentQueue<Action> _jobs = new();
    private readonly EventFd _wake = new();
    private readonly PollSet _poll = new(1 + MaxWatchedLinks);
    private readonly Dictionary<(string Group, string Resource), HeldAddress> _held = [];
    private readonly Dictionary<int, LinkPresence> _presences = [];
    private readonly List<LinkPresence> _unused = [];
    private BeatRules? _beatRules;
    private readonly RealtimeThread _thread;
    private readonly NetlinkSocket _netlink = new();
    private readonly BeatNeighbours _neighbours;
    private IReadOnlyList<LinkInfo> _fencedLinks = [];
    private GuardianSettings? _settings;
    private FenceLease? _lease;
    private string _fenceProblem = "no settings yet";
    private long _deafUntil;
    private long _closeUnusedAt = long.MaxValue;
    private TimeSpan _lifetime = TimeSpan.FromSeconds(4);
    private volatile IReadOnlyList<AddressEntry> _entries = [];
    private int _pendingAdds;
    private volatile bool _cancelProbes;
    private volatile bool _stop;

    /// <param name="note">Takes notes for the daemon, on the control thread.</param>
    public AddressKeeper(FenceLeases leases, string instance, ControlQueue queue, RingLog log, Action<GuardianNote> note, SchedulingPolicy policy, int priority)
    {
        (_leases, _instance, _queue, _log, _note) = (leases, instance, queue, log, note);
        _neighbours = new BeatNeighbours(_netlink, log);
        _poll.Add(_wake.FileDescriptor);
        for (int i = 0; i < MaxWatchedLinks; i++)
            _poll.Add(-1);
        _thread = new RealtimeThread("clp-address", policy, priority, Run);
        _thread.Start();
    }

    public int Count => _entries.Count + Volatile.Read(ref _pendingAdds);

    public FenceChoice Kind => _leases.Kind;

    public IReadOnlyList<AddressEntry> Entries() => _entries;

    public string Describe() => _leases.Describe();

    public string? WhyNot(GuardianSettings settings) => Count == 0 ? null : _leases.WhyNot(settings);

    public void Prepare(GuardianSettings settings)
    {
        _leases.Apply(settings);
        Post(() =>
        {
            _lifetime = (settings.Timeout * settings.Ratio) + TimeSpan.FromSeconds(2);
            _settings = settings;
            MakeFence();
            InstallBeatRules(settings);
            _neighbours.Apply(settings, BootClock.NowNanoseconds());
        });
    }

    public void Add(AddAddress request, Action<Reply> answer)
    {
        Interlocked.Increment(ref _pendingAdds);
        _cancelProbes = false;
        bool queued = Post(() =>
        {
            Reply reply = Guarded($"{request.Group}.{request.Resource}", () => DoAdd(request));
            Interlocked.Decrement(ref _pendingAdds);
            _queue.Post(() => answer(reply));
        });
        if (!queued)
        {
            Interlocked.Decrement(ref _pendingAdds);
            answer(TooMany());
        }
    }

    public void Remove(string group, string resource, Action<Reply> answer)
    {
        bool queued = Post(() =>
        {
            Reply reply = Guarded($"{group}.{resource}", () => DoRemove(group, resource));
            _queue.Post(() => answer(reply));
        });
        if (!queued)
            answer(TooMany());
    }

    public void CloseAll()
    {
        _cancelProbes = true;
        try
        {
            _leases.CloseAll();
        }
        catch (NetworkException e)
        {
            // The beat thread has stopped renewing, so the kernel closes at the deadline all the same.
            _log.Error($"fence could not be closed at once: {e.Message}; it closes by itself at the end of the lease");
        }
    }

    public void RemoveAll(Action<KillOutcome> done)
    {
        _cancelProbes = true;
        bool queued = Post(() =>
        {
            KillOutcome outcome = DoRemoveAll();
            _queue.Post(() => done(outcome));
        });
        if (!queued)
            done(new KillOutcome(false, "the address thread takes no work any more"));
    }

    public void Arm() => Post(() =>
    {
        Reply reply = Guarded("fence", () => _leases.Arm(_held.Count > 0) ? new Reply(GuardianResult.Done, "", []) : Failure("the lease could not be opened: the grant has just ended"));
        if (!reply.Succeeded)
            _log.Error(reply.Sentence);
        long now = BootClock.NowNanoseconds();
        foreach (HeldAddress held in _held.Values)
            held.BeginAnnouncing(now);
    });

    public void Dispose()
    {
        _stop = true;
        _wake.Signal();
        _thread.Join(TimeSpan.FromSeconds(2));
        foreach (LinkPresence presence in _presences.Values.Concat(_unused))
            presence.Dispose();
        RemoveBeatRules();
        _neighbours.Remove();
        _netlink.Dispose();
        _poll.Dispose();
    }

    private static Reply Failure(string sentence) => new(GuardianResult.Failed, sentence, []);

    private static Reply TooMany() => Failure($"{MaxJobs} address changes wait already; the network layer hangs");

    private static Reply Guarded(string what, Func<Reply> work)
    {
        try
        {
            return work();
        }
        catch (Exception e) when (e is NetworkException or IOException or Linux.LinuxException)
        {
            return Failure($"{what}: {e.Message}");
        }
    }

    private bool Post(Action job)
    {
        if (_jobs.Count >= MaxJobs)
            return false;
        _jobs.Enqueue(job);
        _wake.Signal();
        return true;
    }

    private void Run()
    {
        while (!_stop)
        {
            WaitForWork();
            _wake.Take();
            while (!_stop && _jobs.TryDequeue(out Action? job))
                job();
            if (_held.Count > 0)
                Say(Guarded("addresses", Keep));
            CloseUnused(BootClock.NowNanoseconds());
            _neighbours.Keep(BootClock.NowNanoseconds());
        }
    }

    private long NextDue()
    {
        long due = Math.Min(_neighbours.NextDue, _closeUnusedAt);
        if (_held.Count == 0)
            return due;
        due = Math.Min(due, HoldsFenced ? _nextInspection : long.MaxValue);
        foreach (HeldAddress held in _held.Values)
            due = Math.Min(due, Math.Min(held.NextAnnouncement, held.NextLifetime));
        return due;
    }

    /// <summary>Until a job, a rival's announcement or the next due time. Right after an announcement only the other two end the wait.</summary>
    private void WaitForWork()
    {
        bool deaf = BootClock.NowNanoseconds() < _deafUntil;
        int slots = 1;
        foreach (LinkPresence presence in _presences.Values.Take(MaxWatchedLinks))
            _poll.Set(slots++, deaf ? -1 : presence.FileDescriptor);
        for (int slot = slots; slot <= MaxWatchedLinks; slot++)
            _poll.Set(slot, -1);
        _poll.WaitUntil(deaf ? Math.Min(_deafUntil, NextDue()) : NextDue());
        if (deaf)
            return;
        for (int slot = 1; slot < slots; slot++)
        {
            if (_poll[slot] != PollEvents.None)
                _deafUntil = BootClock.NowNanoseconds() + LookGap;
        }
    }

    private Reply DoAdd(AddAddress request)
    {
        string name = $"{request.Group}.{request.Resource}";
        if (_held.TryGetValue((request.Group, request.Resource), out HeldAddress? present))
        {
            return present.Request.Ticket == request.Ticket
                ? new Reply(GuardianResult.AlreadyDone, $"{name}: {request.Address} is up on {present.Link.Name}", [])
                : new Reply(GuardianResult.Refused, $"{name}: {present.Request.Address} is up here by ticket {present.Request.Ticket}; remove it first", []);
        }

        LinkInfo? link = request.Device.Length > 0 ? _netlink.FindLink(request.Device) : _netlink.FindLinkBySubnet(request.Address);
        if (link is null)
        {
            return Failure(request.Device.Length > 0
                ? $"{name}: interface {request.Device} does not exist"
                : $"{name}: no interface has an address in the subnet of {request.Address}; name one with 'device'");
        }

        if (InUse(request, link) is { } taken)
            return taken;
        if (_cancelProbes)
            return new Reply(GuardianResult.Refused, $"{name}: the grant ended while the address was being started", []);
        return request.Fenced ? AddFenced(request, link, name) : AddBare(request, link);
    }

    private void Tell(GuardianNote note) => _queue.Post(() => _note(note));

    private Reply AddBare(AddAddress request, LinkInfo link)
    {
        _netlink.AddAddress(link, request.Address, _lifetime);
        return Hold(request, link);
    }

    private Reply Hold(AddAddress request, LinkInfo link)
    {
        long now = BootClock.NowNanoseconds();
        var held = new HeldAddress(request, link) { NextLifetime = now + LifetimeEvery, RenewedAt = now };
        held.BeginAnnouncing(now);
        _held.Add((request.Group, request.Resource), held);
        if (link.IsEthernet)
        {
            if (!_presences.TryGetValue(link.Index, out LinkPresence? presence))
                _presences.Add(link.Index, presence = new LinkPresence(link));
            presence.Add(request.Address);
        }

        Publish();
        if (held.NextAnnouncement <= now)
        {
            Announce(held);
            held.Announced();
        }

        _log.Info($"{request.Group}.{request.Resource}: {request.Address} is up on {link.Name}");
        return new Reply(GuardianResult.Done, "", []);
    }

    private Reply DoRemove(string group, string resource)
    {
        if (!_held.TryGetValue((group, resource), out HeldAddress? held))
            return new Reply(GuardianResult.NotFound, $"{group}.{resource}: no address of it is up here", []);
        TakeDown(held.Link, held.Request.Address);
        Forget(held);
        _log.Info($"{group}.{resource}: {held.Request.Address} is down");
        return new Reply(GuardianResult.Done, "", []);
    }

    private void Forget(HeldAddress held)
    {
        _held.Remove((held.Request.Group, held.Request.Resource));
        if (_presences.TryGetValue(held.Link.Index, out LinkPresence? presence))
        {
            presence.Remove(held.Request.Address);
            if (presence.IsIdle && _presences.Remove(held.Link.Index))
                CloseLater(presence);
        }

        Publish();
    }

    /// <summary>The kernel waits for its other processors when a packet socket is closed, 10 to 40 ms for the two; a peer waits for our answer meanwhile.</summary>
    private void CloseLater(LinkPresence presence)
    {
        _unused.Add(presence);
        _closeUnusedAt = Math.Min(_closeUnusedAt, BootClock.NowNanoseconds() + UnusedFor);
    }

    private void CloseUnused(long now)
    {
        if (now < _closeUnusedAt)
            return;
        _closeUnusedAt = long.MaxValue;
        foreach (LinkPresence presence in _unused)
            presence.Dispose();
        _unused.Clear();
    }

    private void TakeDown(LinkInfo link, IPAddress address)
    {
        _leases.Close(address);
        _netlink.RemoveAddress(link, address);

        // While the fence still holds the address: the end of a connection is told to its client, and by then a peer may have the address.
        SocketDestroyer.DestroyBoundTo(address);
        _leases.Release(address);
    }

    private KillOutcome DoRemoveAll()
    {
        var problems = new List<string>();
        foreach ((string group, string resource) in _held.Keys.ToArray())
        {
            Reply reply = Guarded($"{group}.{resource}", () => DoRemove(group, resource));
            if (!reply.Succeeded)
                problems.Add(reply.Sentence);
        }

        // Also what an earlier life left; throws when one is still there afterwards.
        Reply left = Guarded("addresses", () =>
        {
            RemoveLeftovers();
            return new Reply(GuardianResult.Done, "", []);
        });
        if (!left.Succeeded)
            problems.Add(left.Sentence);
        return new KillOutcome(problems.Count == 0, string.Join("; ", problems));
    }

    private void RemoveLeftovers()
    {
        foreach (InterfaceAddress removed in _netlink.RemoveTagged())
            _log.Warn($"{removed.Address}, left by an earlier life, was removed");

        // The tagged neighbour entries went with them.
        _neighbours.LookAgain(BootClock.NowNanoseconds());
    }

    private void Publish()
    {
        _entries = [.. _held.Values.Select(h => h.Entry)];
    }

    /// <summary>Beats pass a firewall early and untracked. Not needed where nothing filters, so a failure is only said.</summary>
    private void InstallBeatRules(GuardianSettings settings)
    {
        int[] ports = [.. settings.Networks.Select(n => (int)n.Port).Distinct()];
        if (ports.Length == 0)
            return;
        try
        {
            _beatRules?.Dispose();
            _beatRules = new BeatRules(_instance, ports);
            _beatRules.Install();
            _log.Info(_beatRules.Describe());
        }
        catch (NetworkException e)
        {
            _log.Warn($"firewall rules for the beats: {e.Message}; if a firewall drops UDP port {string.Join(", ", ports)} here, allow it");
        }
    }

    private void RemoveBeatRules()
    {
        try
        {
            _beatRules?.Remove();
        }
        catch (NetworkException e)
        {
            _log.Warn($"firewall rules for the beats stay behind: {e.Message}");
        }

        _beatRules?.Dispose();
    }
}
