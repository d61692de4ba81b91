using ClusterActors.Actors;
using ClusterActors.Cluster.Events;
using ClusterActors.Model.Events;
using ClusterActors.TestKit;

namespace ClusterActors.Cluster.Tests.Pair;

/// <summary>Followers of the events of a quiet cluster, who ask again and again.</summary>
public sealed class EventWaitTests : IDisposable
{
    private readonly TestKitBase _kit = new(new VirtualDriver(), "events");

    public void Dispose() => _kit.Dispose();

    [Fact]
    public void Follower_must_not_be_answered_before_there_is_an_event_when_many_have_given_up_before()
    {
        var events = _kit.ActorOf(EventJournal.Props(Configs.Server1, new EventIds(Configs.Server1, _kit.Driver.Time.GetUtcNow()), _kit.Driver.Time, []), "evt");
        for (var i = 0; i < 300; i++)
            events.Tell(new AwaitEvent(-1), ActorRefs.NoSender);
        var follower = _kit.CreateTestProbe();
        events.Tell(new AwaitEvent(-1), follower.Ref);
        follower.ExpectNoMsg(TimeSpan.FromSeconds(1));

        events.Tell(CaEvents.ClusterResumed(), ActorRefs.NoSender);
        Assert.Single(follower.ExpectMsg<EventsRead>().Events);
    }
}
