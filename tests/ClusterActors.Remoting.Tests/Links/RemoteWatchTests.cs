using ClusterActors.Actors;

namespace ClusterActors.Remoting.Tests.Links;

public sealed class RemoteWatchTests
{
    private const string Echo2 = "clp://clp@server2/user/echo";

    [Fact]
    public void Watcher_must_hear_when_an_actor_over_there_stops()
    {
        using var pair = new Pair();
        pair.ExpectUp();
        var echo = Find(pair);
        pair.One.Probe.Watch(echo);
        pair.Pass(0.1);

        echo.Tell(PoisonPill.Instance);

        var terminated = pair.One.Probe.ExpectTerminated(echo);
        Assert.True(terminated.ExistenceConfirmed);
        Assert.False(terminated.AddressTerminated);
        pair.Pass(60);
        Assert.False(pair.One.Probe.HasMessages);
    }

    [Fact]
    public void Watcher_must_hear_at_once_when_no_actor_lives_there()
    {
        using var pair = new Pair();
        pair.ExpectUp();
        var nobody = pair.One.At("clp://clp@server2/user/nobody");

        pair.One.Probe.Watch(nobody);

        Assert.False(pair.One.Probe.ExpectTerminated(nobody).ExistenceConfirmed);
    }

    [Fact]
    public void Unwatch_must_be_carried_over()
    {
        using var pair = new Pair();
        pair.ExpectUp();
        var echo = Find(pair);
        pair.One.Probe.Watch(echo);
        pair.One.Probe.Unwatch(echo);
        pair.Pass(0.1);

        echo.Tell(PoisonPill.Instance);
        pair.Pass(20);

        Assert.False(pair.One.Probe.HasMessages);
    }

    [Fact]
    public void Watch_must_survive_a_short_break_of_the_link()
    {
        using var pair = new Pair();
        pair.ExpectUp();
        var echo = Find(pair);
        pair.One.Probe.Watch(echo);
        pair.Pass(0.1);
        pair.Network.Cut("server1", "server2");
        pair.Two!.Kit.Sys.Stop(pair.Two.At("clp://clp@server2/user/echo"));
        pair.Pass(5);
        Assert.False(pair.One.Probe.HasMessages);

        pair.Network.Heal("server1", "server2");

        Assert.False(pair.One.Probe.ExpectTerminated(echo, TimeSpan.FromSeconds(5)).AddressTerminated);
    }

    [Fact]
    public void Frames_lost_in_a_reset_must_be_sent_again_and_delivered_once()
    {
        using var pair = new Pair();
        pair.ExpectUp();
        var echo = Find(pair);
        pair.One.Probe.Watch(echo);
        pair.Driver.RunUntilIdle();
        pair.Network.Reset("server1", "server2"); // The watch is under way and lost.
        pair.Pass(1);

        echo.Tell(PoisonPill.Instance);

        pair.One.Probe.ExpectTerminated(echo);
        pair.Pass(20);
        Assert.False(pair.One.Probe.HasMessages);
    }

    [Fact]
    public void Watched_actors_must_be_terminated_when_the_link_stays_down()
    {
        using var pair = new Pair();
        pair.ExpectUp();
        var echo = Find(pair);
        pair.One.Probe.Watch(echo);
        pair.Pass(0.1);

        pair.Network.Cut("server1", "server2");

        var terminated = pair.One.Probe.ExpectTerminated(echo, TimeSpan.FromSeconds(15));
        Assert.True(terminated.AddressTerminated);
        pair.One.Events.FishForMessage<PeerLost>();
    }

    [Fact]
    public void Peer_that_was_declared_lost_must_link_up_again_by_itself_with_nothing_left_of_before()
    {
        using var pair = new Pair();
        pair.ExpectUp();
        var echo = Find(pair);
        pair.One.Probe.Watch(echo);
        var back = pair.Two!.Kit.Sys.Provider.ResolveActorRef(pair.One.Kit.Sys.Provider.ToText(pair.One.Probe.Ref));
        pair.Two.Probe.Watch(back);
        pair.Pass(0.1);

        pair.One.Links.DeclareLost("server2", "membership says so");

        Assert.True(pair.One.Probe.ExpectTerminated(echo).AddressTerminated);
        Assert.True(pair.Two.Probe.ExpectTerminated(back, TimeSpan.FromSeconds(5)).AddressTerminated);
        pair.One.Events.FishForMessage<LinkUp>(timeout: TimeSpan.FromSeconds(5));
        pair.Two.Events.FishForMessage<LinkUp>(timeout: TimeSpan.FromSeconds(5));
        pair.One.Probe.Watch(echo);
        pair.Pass(0.1);
        echo.Tell(PoisonPill.Instance);
        pair.One.Probe.ExpectTerminated(echo);
    }

    [Fact]
    public void Restarted_process_must_be_seen_as_the_end_of_the_old_one_as_soon_as_it_is_back()
    {
        using var pair = new Pair();
        pair.ExpectUp();
        var echo = Find(pair);
        pair.One.Probe.Watch(echo);
        pair.Pass(0.1);

        pair.KillTwo();
        pair.StartTwo();

        Assert.True(pair.One.Probe.ExpectTerminated(echo, TimeSpan.FromSeconds(5)).AddressTerminated);
        pair.One.Events.FishForMessage<LinkUp>(timeout: TimeSpan.FromSeconds(5));
        var again = Find(pair);
        Assert.NotEqual(echo, again);
    }

    [Fact]
    public void Watching_on_a_lost_server_must_end_at_once_and_on_an_absent_one_after_the_limit()
    {
        using var pair = new Pair(start2: false);
        var echo = pair.One.At(Echo2);
        pair.One.Probe.Watch(echo);
        pair.Pass(9);
        Assert.False(pair.One.Probe.HasMessages);

        pair.One.Probe.ExpectTerminated(echo, TimeSpan.FromSeconds(2));
        pair.One.Probe.Watch(echo);
        Assert.True(pair.One.Probe.ExpectTerminated(echo, TimeSpan.FromMilliseconds(10)).AddressTerminated);
    }

    [Fact]
    public void Pair_must_always_come_to_rest_with_the_link_up_whatever_breaks_before()
    {
        for (var seed = 0; seed < 60; seed++)
        {
            using var pair = new Pair();
            var random = new Random(seed);
            for (var step = 0; step < 25; step++)
            {
                switch (random.Next(6))
                {
                    case 0: pair.Network.Cut("server1", "server2"); break;
                    case 1: pair.Network.CutOneWay("server1", "server2"); break;
                    case 2: pair.Network.CutOneWay("server2", "server1"); break;
                    case 3: pair.Network.Reset("server1", "server2"); break;
                    case 4: pair.Network.Heal("server1", "server2"); break;
                    case 5 when random.Next(2) == 0: pair.One.Links.DeclareLost("server2", "test"); break;
                    default: pair.Two!.Links.DeclareLost("server1", "test"); break;
                }

                pair.One.Probe.Watch(pair.One.At(Echo2));
                pair.Pass(random.NextDouble() * 6);
            }

            pair.Network.Heal("server1", "server2");
            pair.Pass(10);
            Assert.True(pair.One.Statistics.IsUp && pair.Two!.Statistics.IsUp, $"seed {seed}");
            pair.One.Probe.ReceiveWhile<Terminated>(max: TimeSpan.FromMilliseconds(1));
            Assert.Equal(new Report("a", seed), pair.One.Kit.Await(pair.One.At(Echo2).Ask<Report>(new Report("a", seed))));
        }
    }

    private static IActorRef Find(Pair pair) =>
        pair.One.Kit.Await(pair.One.Kit.Sys.ActorSelection(Echo2).ResolveOne(TimeSpan.FromSeconds(1)));
}
