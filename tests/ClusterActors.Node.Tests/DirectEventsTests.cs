using ClusterActors.Cluster.Events;
using ClusterActors.Model;
using ClusterActors.Model.Events;
using ClusterActors.Node.Events;

namespace ClusterActors.Node.Tests;

public sealed class DirectEventsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("clp-direct-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void What_the_newest_events_say_already_must_not_be_told_again()
    {
        var sink = Sink();
        Tell(PmEvents.ConfigurationInvalid(), PmEvents.OwnNameMissing());
        Tell(PmEvents.ConfigurationInvalid(), PmEvents.OwnNameMissing());
        Assert.Equal([13, 15], sink.ReadTail(10).Select(e => e.Key.Id));
        Assert.Equal(EventLevel.Error, sink.ReadTail(1)[0].Level);
        Tell(PmEvents.ConfigurationMissing());
        Tell(PmEvents.ConfigurationInvalid(), PmEvents.OwnNameMissing());
        Assert.Equal([13, 15, 14, 13, 15], sink.ReadTail(10).Select(e => e.Key.Id));
        Assert.Equal(5, sink.ReadTail(10).Select(e => e.EventId).Distinct().Count());
    }

    private void Tell(params IReadOnlyList<EventDraft> drafts) => new DirectEvents(new ServerName("server1"), new Ticking(), [Sink()]).Tell(drafts);

    private IEventSink Sink() => new JsonLinesEventSink(Path.Combine(_folder, "events.jsonl"), Assert.Fail);

    /// <summary>Every life of the daemon is at another time.</summary>
    private sealed class Ticking : TimeProvider
    {
        private static int s_ticks;

        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddSeconds(++s_ticks);
    }
}
