using ClusterActors.Actors;

namespace ClusterActors.Remoting.Tests.Links;

public sealed class LinkTests
{
    private const string Echo1 = "clp://clp@server1/user/echo";
    private const string Echo2 = "clp://clp@server2/user/echo";

    [Fact]
    public void Link_must_come_up_and_tell_incarnation_and_configuration_of_the_peer()
    {
        using var pair = new Pair();

        var up1 = pair.One.Events.ExpectMsg<LinkUp>();
        var up2 = pair.Two!.Events.ExpectMsg<LinkUp>();

        Assert.Equal(("server2", "conf-server2"), (up1.Server, up1.ConfigHash));
        Assert.Equal(("server1", "conf-server1"), (up2.Server, up2.ConfigHash));
        Assert.StartsWith("server2-", up1.Incarnation);
        pair.Pass(30);
        Assert.False(pair.One.Events.HasMessages);
        Assert.False(pair.Two.Events.HasMessages);
    }

    [Fact]
    public void Link_must_come_up_within_the_courtesy_when_the_first_server_cannot_dial()
    {
        using var pair = new Pair(start2: false);
        pair.Pass(60);

        pair.StartTwo();

        pair.Two!.Events.ExpectMsg<LinkUp>(TimeSpan.FromMilliseconds(300));
        pair.One.Events.FishForMessage<LinkUp>();
    }

    [Fact]
    public void Messages_must_be_answered_across_and_senders_be_usable_refs()
    {
        using var pair = new Pair();
        pair.ExpectUp();

        pair.One.Probe.Send(pair.One.At(Echo2), new Report("web", 3));

        pair.One.Probe.ExpectMsg(new Report("web", 3));
        var echo = pair.One.Probe.LastSender;
        Assert.Equal(Echo2, echo.Path.ToString());
        Assert.NotEqual(0, echo.Path.Uid);
        pair.One.Probe.Send(echo, new Report("db", 1));
        pair.One.Probe.ExpectMsg(new Report("db", 1));
    }

    [Fact]
    public void Messages_must_keep_their_order()
    {
        using var pair = new Pair();
        pair.ExpectUp();
        for (var n = 0; n < 500; n++)
        {
            pair.One.Probe.Send(pair.One.At("clp://clp@server2/user/probe"), new Report("web", n));
        }

        for (var n = 0; n < 500; n++)
        {
            Assert.Equal(n, pair.Two!.Probe.ExpectMsg<Report>().State);
        }
    }

    [Fact]
    public void Ref_that_comes_home_must_be_the_local_one()
    {
        using var pair = new Pair();
        pair.ExpectUp();

        pair.One.Probe.Send(pair.One.At(Echo2), new Meet("it is me", pair.One.Probe.Ref));

        Assert.Same(pair.One.Probe.Ref, pair.One.Probe.ExpectMsg<Meet>().Whom);
    }

    [Fact]
    public void Ask_and_selection_and_Identify_must_work_across()
    {
        using var pair = new Pair();
        pair.ExpectUp();

        Assert.Equal(new Report("a", 1), pair.One.Kit.Await(pair.One.At(Echo2).Ask<Report>(new Report("a", 1))));
        var found = pair.One.Kit.Await(pair.One.Kit.Sys.ActorSelection(Echo2).ResolveOne(TimeSpan.FromSeconds(1)));
        Assert.NotEqual(0, found.Path.Uid);
        Assert.Throws<ActorNotFoundException>(() =>
            pair.One.Kit.Await(pair.One.Kit.Sys.ActorSelection("clp://clp@server2/user/nobody").ResolveOne(TimeSpan.FromSeconds(1))));
        pair.One.Probe.Send(pair.One.At(Echo2), new Identify("who"));
        Assert.Equal("who", pair.One.Probe.ExpectMsg<ActorIdentity>().MessageId);
    }

    [Fact]
    public void Message_to_an_old_incarnation_must_not_reach_its_successor()
    {
        using var pair = new Pair();
        pair.ExpectUp();
        var old = pair.One.Kit.Await(pair.One.Kit.Sys.ActorSelection(Echo2).ResolveOne(TimeSpan.FromSeconds(1)));
        pair.One.Probe.Watch(old);
        pair.One.Probe.Send(old, PoisonPill.Instance);
        pair.One.Probe.ExpectTerminated(old);
        pair.Two!.Kit.ActorOf(() => new Echo(), "echo");

        pair.One.Probe.Send(old, new Report("a", 1));
        Assert.Equal(new Report("a", 1), pair.Two.DeadLetters.FishForMessage<DeadLetter>().Message);

        pair.One.Probe.Send(pair.One.At(Echo2), new Report("b", 2));
        pair.One.Probe.ExpectMsg(new Report("b", 2));
    }

    [Fact]
    public void Message_while_the_link_is_down_must_be_a_dead_letter_with_the_reason_and_fail_an_ask_at_once()
    {
        using var pair = new Pair(start2: false);
        pair.One.At(Echo2).Tell(new Report("a", 1), pair.One.Probe.Ref);

        Assert.Contains("link to server2 is down", pair.One.DeadLetters.ExpectMsg<DeadLetter>().Reason);
        Assert.ThrowsAny<AskTimeoutException>(() => pair.One.Kit.Await(pair.One.At(Echo2).Ask<Report>(new Report("a", 1)), TimeSpan.FromMilliseconds(1)));
        Assert.Equal(2, pair.One.Statistics.DroppedDown);
    }

    [Fact]
    public void Unregistered_and_oversize_messages_must_be_dropped_and_the_link_stay()
    {
        using var pair = new Pair(o => o with { MaxFrameBytes = 10_000 });
        pair.ExpectUp();
        var echo = pair.One.At(Echo2);
        pair.One.Kit.EventFilter(contains: "message Unregistered from [clp://clp/user/probe")
            .ExpectOne(() => pair.One.Probe.Send(echo, new Unregistered("x")));
        pair.One.Probe.Send(echo, new Report(new string('x', 20_000), 1));
        pair.One.Probe.Send(echo, new Report("small", 2));

        pair.One.Probe.ExpectMsg(new Report("small", 2));
        Assert.Equal(2, pair.One.Statistics.DroppedUnsendable);
        Assert.False(pair.One.Events.HasMessages);
    }

    [Fact]
    public void Received_messages_that_are_unknown_or_too_large_must_be_dropped_and_the_link_stay()
    {
        using var pair = new Pair(registry2: TestWire.Old());
        pair.Network.MaxFrameBytes = 10_000;
        pair.ExpectUp();
        var target = pair.One.At("clp://clp@server2/user/probe");
        pair.One.Probe.Send(target, new Meet("not known there", pair.One.Probe.Ref));
        pair.One.Probe.Send(target, new Report(new string('x', 20_000), 1));
        pair.One.Probe.Send(target, new Report("small", 2));

        pair.Two!.Probe.ExpectMsg(new ReportV1("small"));
        Assert.Equal(2, pair.Two.Statistics.DroppedUnreadable);
        Assert.True(pair.Two.Statistics.IsUp);
    }

    [Fact]
    public void Dropped_message_must_be_told_once_for_each_kind_while_the_link_is_up()
    {
        using var pair = new Pair(registry2: TestWire.Old());
        pair.ExpectUp();
        var told = pair.Two!.Kit.CreateTestProbe("told");
        pair.Two.Kit.Sys.EventStream.Subscribe<MessageDropped>(told.Ref);
        var target = pair.One.At("clp://clp@server2/user/probe");
        for (var n = 0; n < 3; n++)
        {
            pair.One.Probe.Send(target, new Meet("not known there", pair.One.Probe.Ref));
        }

        pair.Pass(1);
        var dropped = told.ExpectMsg<MessageDropped>();
        Assert.Equal(("server1", "its manifest is not known here"), (dropped.Server, dropped.Reason));
        Assert.False(told.HasMessages);

        pair.Network.Reset("server1", "server2");
        pair.Pass(5);
        pair.One.Probe.Send(target, new Meet("not known there", pair.One.Probe.Ref));
        told.ExpectMsg<MessageDropped>();
    }

    [Fact]
    public void Peers_one_version_apart_must_understand_each_other_both_ways()
    {
        using var pair = new Pair(registry2: TestWire.Old());
        pair.ExpectUp();

        pair.One.Probe.Send(pair.One.At("clp://clp@server2/user/probe"), new Report("new to old", 3));
        pair.Two!.Probe.ExpectMsg(new ReportV1("new to old"));
        pair.Two.Probe.Reply(new ReportV1("old to new"));
        pair.One.Probe.ExpectMsg(new Report("old to new", -1));
    }

    [Fact]
    public void Reset_connection_must_be_replaced_at_once()
    {
        using var pair = new Pair();
        pair.ExpectUp();

        pair.Network.Reset("server1", "server2");

        pair.One.Events.ExpectMsg<LinkDown>(TimeSpan.FromMilliseconds(50));
        pair.One.Events.ExpectMsg<LinkUp>(TimeSpan.FromMilliseconds(50));
        pair.One.Probe.Send(pair.One.At(Echo2), new Report("a", 1));
        pair.One.Probe.ExpectMsg(new Report("a", 1));
    }

    [Fact]
    public void Silent_peer_must_be_noticed_by_the_missing_sign_of_life()
    {
        using var pair = new Pair();
        pair.ExpectUp();
        pair.Network.Cut("server1", "server2");

        var down = pair.One.Events.ExpectMsg<LinkDown>(TimeSpan.FromSeconds(5));
        Assert.Contains("nothing was heard for 3 s", down.Reason);

        pair.Network.Heal("server1", "server2");
        pair.One.Events.ExpectMsg<LinkUp>(TimeSpan.FromSeconds(3));
        pair.Two!.Events.FishForMessage<LinkUp>();
    }

    [Theory]
    [InlineData("server1", "server2")]
    [InlineData("server2", "server1")]
    public void One_way_loss_must_bring_the_link_down_on_both_sides(string from, string to)
    {
        using var pair = new Pair();
        pair.ExpectUp();

        pair.Network.CutOneWay(from, to);

        pair.One.Events.ExpectMsg<LinkDown>(TimeSpan.FromSeconds(10));
        pair.Two!.Events.ExpectMsg<LinkDown>(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public void Server_of_another_cluster_must_be_refused_and_the_reason_be_logged_once()
    {
        using var pair = new Pair(configure2: o => o with { Cluster = "cluster-b" }, start2: false);
        pair.One.Kit.EventFilter(contains: "another cluster").ExpectOne(() =>
        {
            pair.StartTwo(o => o with { Cluster = "cluster-b" });
            pair.Pass(30);
        });

        Assert.False(pair.One.Events.HasMessages && pair.One.Events.ReceiveWhile<LinkUp>().Count > 0);
    }

    [Fact]
    public void Full_send_queue_must_make_dead_letters_and_count_them()
    {
        using var pair = new Pair();
        pair.ExpectUp();
        pair.Network.QueueCapacity = 10;
        for (var n = 0; n < 15; n++)
        {
            pair.One.At("clp://clp@server2/user/probe").Tell(new Report("x", n), pair.One.Probe.Ref);
        }

        Assert.Contains("send queue", pair.One.DeadLetters.ExpectMsg<DeadLetter>().Reason);
        Assert.Equal(5, pair.One.Statistics.DroppedFull);
    }

    [Fact]
    public void Ref_into_a_server_that_is_no_peer_must_answer_like_a_dead_one()
    {
        using var pair = new Pair();
        var stranger = pair.One.At("clp://clp@server9/user/echo");

        pair.One.Probe.Watch(stranger);

        Assert.True(pair.One.Probe.ExpectTerminated(stranger).AddressTerminated);
        stranger.Tell(new Report("a", 1), pair.One.Probe.Ref);
        Assert.Contains("not a peer", pair.One.DeadLetters.ExpectMsg<DeadLetter>().Reason);
    }
}
