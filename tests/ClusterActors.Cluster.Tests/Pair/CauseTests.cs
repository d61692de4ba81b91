using ClusterActors.Actors;
using ClusterActors.Cluster.Coordination;
using ClusterActors.Cluster.Wire;
using ClusterActors.Model;
using ClusterActors.Model.Events;

namespace ClusterActors.Cluster.Tests.Pair;

/// <summary>An event names the one that led to it, also when that is another server's.</summary>
public sealed class CauseTests : IDisposable
{
    private World _world = new();

    public void Dispose() => _world.Dispose();

    private void Both(ClusterConfig? config = null)
    {
        if (config is not null)
        {
            _world.Dispose();
            _world = new World(config);
        }

        _world.Boot(0, 1);
        _world.Settled(0, "web");
    }

    private static ClusterConfig WithoutRestarts() =>
        Configs.Pair(PartitionPolicy.TakeOver, Configs.Group("web", [Configs.Server1, Configs.Server2], Configs.Resource("app", restarts: 0)));

    private ClusterEvent Newest(int server, string key) => _world[server].EventsWritten.Last(e => e.Key.ToString() == key);

    /// <summary>From the event back to what began it, each as its key.</summary>
    private string Chain(ClusterEvent? last, params IReadOnlyList<int> servers)
    {
        var all = servers.SelectMany(s => _world[s].EventsWritten).ToDictionary(e => e.EventId);
        var keys = new List<string>();
        for (; last is not null; last = last.CauseId is { } id ? all[id] : null)
            keys.Add($"{last.Key} of {last.Server}");
        return string.Join(" < ", keys);
    }

    [Fact]
    public void Takeover_must_follow_from_the_servers_death()
    {
        Both();
        _world.PowerOff(0);
        _world.Settled(1, "web");
        Assert.Equal("rc 60 of server2 < nm 2 of server2 < ca 29 of server2", Chain(Newest(1, "rc 60"), 1));
        Assert.StartsWith("ca 10 of server2 < nm 2 of server2", Chain(Newest(1, "ca 10"), 1), StringComparison.Ordinal);
    }

    [Fact]
    public void Reports_must_tell_the_servers_death_to_those_who_come_later()
    {
        Both();
        _world.PowerOff(0);
        _world.Settled(1, "web");
        var report = _world.Ask<PlanShown>(_world[1].Coordinator, new GetPlan()).Membership!.Own.Report!;
        Assert.Equal([new OutCause(Configs.Server1, Newest(1, "nm 2").EventId)], report.OutCauses);
    }

    [Fact]
    public void Failover_must_follow_from_the_failure_on_the_other_server()
    {
        Both(WithoutRestarts());
        _world.Crash(0, "web", "app");
        _world.Settled(1, "web");
        Assert.Equal("rc 60 of server2 < rc 100 of server1 < ca 35 of server1", Chain(Newest(1, "rc 60"), 0, 1));
        Assert.Equal("ca 37 of server1 < rc 100 of server1 < ca 35 of server1", Chain(Newest(0, "ca 37"), 0, 1));
    }

    [Fact]
    public void Failover_must_follow_from_the_failed_start_on_the_other_server()
    {
        _world.StartsToFail[(0, "app")] = 100;
        _world.Boot(0, 1);
        _world.Settled(1, "web", 30);
        Assert.StartsWith("rc 60 of server2 < rc 32 of server1", Chain(Newest(1, "rc 60"), 0, 1), StringComparison.Ordinal);
    }

    [Fact]
    public void Move_must_follow_from_the_command_on_every_server()
    {
        Both();
        Assert.Equal(0, _world.Command(0, AdminVerb.Move, "web", Configs.Server2).Code);
        Assert.Equal("rc 51 of server1 < rc 50 of server1 < ca 31 of server1", Chain(Newest(0, "rc 51"), 0, 1));
        Assert.Equal("rc 21 of server1 < rc 20 of server1 < ca 31 of server1", Chain(Newest(0, "rc 21"), 0, 1));
        Assert.Equal("rc 11 of server2 < rc 10 of server2 < ca 31 of server1", Chain(Newest(1, "rc 11"), 0, 1));
    }

    [Fact]
    public void Stop_and_start_must_each_follow_from_their_own_command()
    {
        Both();
        Assert.Equal(0, _world.Command(0, AdminVerb.Stop, "web").Code);
        var stop = Newest(0, "ca 31");
        Assert.Equal(0, _world.Command(0, AdminVerb.Start, "web").Code);
        var start = Newest(0, "ca 31");
        Assert.NotEqual(stop.EventId, start.EventId);
        Assert.Equal(stop.EventId, Newest(0, "rc 20").CauseId);
        Assert.Equal(start.EventId, Newest(0, "rc 10").CauseId);
    }

    [Fact]
    public void Evacuation_must_follow_from_the_command_for_standby()
    {
        Both();
        Assert.Equal(0, _world.Wish(0, WishVerb.Standby, Configs.Server1).Code);
        _world.Settled(1, "web");
        var command = Newest(0, "ca 31").EventId;
        Assert.Equal((command, command), (Newest(0, "rc 20").CauseId, Newest(1, "rc 10").CauseId));
        Assert.Equal((command, command), (Newest(0, "ca 60").CauseId, Newest(1, "ca 60").CauseId));
    }

    [Fact]
    public void Failback_to_the_coordinators_own_server_must_follow_from_the_end_of_its_start_up_wait()
    {
        Both(Configs.Pair(PartitionPolicy.TakeOver, Configs.WebGroup() with { Failback = FailbackMode.Auto }));
        _world.PowerOff(0);
        _world.Settled(1, "web");
        _world.Boot(0);
        _world.Settled(0, "web", 20);
        var over = Newest(0, "ca 13").EventId;
        Assert.Equal((over, over, over), (Newest(0, "rc 50").CauseId, Newest(1, "rc 20").CauseId, Newest(0, "rc 10").CauseId));
    }

    [Fact]
    public void Start_after_a_restart_of_the_guardian_must_follow_from_its_loss()
    {
        Both();
        _world.RestartGuardian(0);
        _world.Run(1);
        var lost = Newest(0, "ca 47").EventId;
        _world.Until(() => _world[0].RecordOf("web") is { State: GroupState.Online } record && record.CauseId == lost, 10, "web was started because the guardian was lost");
    }

    [Fact]
    public void What_every_server_tells_of_a_suspension_must_follow_from_its_command()
    {
        Both();
        foreach (var (verb, told, requested) in new[] { (WishVerb.Suspend, "ca 63", "pm 35"), (WishVerb.Resume, "ca 64", "pm 34") })
        {
            Assert.Equal(0, _world.Wish(0, verb).Code);
            _world.Run(1);
            var command = Newest(0, "ca 31").EventId;
            Assert.Equal((command, command, command), (Newest(0, requested).CauseId, Newest(0, told).CauseId, Newest(1, told).CauseId));
        }
    }

    [Fact]
    public void What_every_server_tells_of_a_stretch_must_follow_from_its_command_also_when_it_ends_by_itself()
    {
        Both();
        Assert.Equal(0, _world.Wish(0, WishVerb.Stretch, ratio: 2, seconds: 5).Code);
        _world.Run(10);
        var stretch = Newest(0, "ca 31").EventId;
        Assert.Equal((stretch, stretch), (Newest(0, "ca 42").CauseId, Newest(1, "ca 42").CauseId));
        Assert.Equal((stretch, stretch), (Newest(0, "ca 43").CauseId, Newest(1, "ca 43").CauseId));
    }

    [Fact]
    public void What_a_stop_of_the_server_moves_must_follow_from_its_request()
    {
        Both();
        _world[0].Pm.Tell(new StopServerOrder("c", "test", "root"), ActorRefs.NoSender);
        var events = _world[0].EventsWritten;
        _world.Settled(1, "web");
        var requested = events.Single(e => e.Key.ToString() == "pm 31").EventId;
        Assert.Equal((requested, requested), (events.Last(e => e.Key.ToString() == "rc 20").CauseId, events.Last(e => e.Key.ToString() == "rc 91").CauseId));

        // The target of the stop is told by the other server, in whichever state it was when the group was given away.
        var cause = Newest(1, "rc 10").CauseId;
        Assert.Contains(requested, new[] { cause, _world[1].EventsWritten.FirstOrDefault(e => e.EventId == cause)?.CauseId });
    }

    [Fact]
    public void Start_at_the_next_boot_must_not_follow_from_the_stop_before_it()
    {
        Both();
        _world[0].Pm.Tell(new StopServerOrder("c", "test", "root") { All = true }, ActorRefs.NoSender);
        _world[1].Pm.Tell(new StopServerOrder("c", "test", "root") { All = true }, ActorRefs.NoSender);
        _world.Run(10);
        Both();
        Assert.Null(Newest(0, "rc 10").CauseId);
    }

    [Fact]
    public void Cause_must_outlive_a_restart_of_the_coordinators_daemon()
    {
        Both();
        Assert.Equal(0, _world.Command(0, AdminVerb.Stop, "web").Code);
        var stop = Newest(0, "ca 31").EventId;
        _world.RestartDaemon(0);
        _world.Run(5);
        Assert.Equal((stop, stop), (_world[1].RecordOf("web")!.WishCauseId, _world[0].RecordOf("web")!.CauseId));
    }

    [Fact]
    public void Ids_must_be_given_once()
    {
        Both();
        _world.PowerOff(0);
        _world.Settled(1, "web");
        Assert.Equal(_world[1].EventsWritten.Count, _world[1].EventsWritten.Select(e => e.EventId).Distinct().Count());
    }
}
