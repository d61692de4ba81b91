using ClusterActors.Actors;
using ClusterActors.Persistence.InMemory;
using ClusterActors.TestKit;

namespace ClusterActors.Persistence.Tests.Actors;

/// <summary>A system on virtual time with an in-memory store whose answers the test controls.</summary>
public abstract class PersistentActorFixture : IDisposable
{
    private protected PersistentActorFixture()
    {
        Journal = new ControlledJournal(Memory);
        Store = new EventStore(Journal, Memory, Notebook.Registry, new EventStoreOptions { ConcurrentRecoveries = 2 });
        Alice = Kit.CreateTestProbe("alice");
        Bob = Kit.CreateTestProbe("bob");
        Reports = Kit.CreateTestProbe("reports");
    }

    private protected TestKitBase Kit { get; } = new();

    private protected InMemoryStore Memory { get; } = new();

    private protected ControlledJournal Journal { get; }

    private protected EventStore Store { get; }

    private protected TestProbe Alice { get; }

    private protected TestProbe Bob { get; }

    private protected TestProbe Reports { get; }

    public void Dispose() => Kit.Dispose();

    private protected IActorRef Start(string id = "book", Func<ReceivePersistentActor>? make = null) =>
        Kit.ActorOf(Props.Create(make ?? (() => new Notebook(Store, id, Reports.Ref))));

    /// <summary>Starts a notebook and takes its report of recovery.</summary>
    private protected IActorRef StartRecovered(string recovered = "recovered  at 0")
    {
        var book = Start();
        Reports.ExpectMsg(recovered);
        return book;
    }

    private protected void Tell(IActorRef book, params string[] commands)
    {
        foreach (var command in commands)
        {
            book.Tell(command, Alice.Ref);
        }
    }

    private protected void Expect(params string[] reports)
    {
        foreach (var report in reports)
        {
            Reports.ExpectMsg(report);
        }
    }

    private protected void ExpectStopped(IActorRef book)
    {
        Bob.Watch(book);
        Bob.ExpectTerminated(book);
    }
}
