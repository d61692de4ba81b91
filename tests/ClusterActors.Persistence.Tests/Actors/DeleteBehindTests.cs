using System.Text;
using ClusterActors.Actors;

namespace ClusterActors.Persistence.Tests.Actors;

/// <summary>Streams that their snapshots shorten: bounded, and recoverable also when the newest snapshot is not readable.</summary>
public sealed class DeleteBehindTests : PersistentActorFixture
{
    private ReceivePersistentActor Make() => new Shortened(Store, Reports.Ref);

    private EventPage Kept => Kit.Await(Memory.ReadAsync("book", 1, long.MaxValue, 1000));

    [Fact]
    public void Second_snapshot_must_delete_what_the_first_stands_for_and_no_more()
    {
        SaveTwice();
        Assert.Equal((2, 2), ((int)Kept.DeletedToSequenceNr, Kept.Events.Count));

        Start(make: Make);
        Expect("recovered a,b,c,d at 4");
    }

    [Fact]
    public void Newest_snapshot_that_cannot_be_read_must_not_cost_what_was_deleted_behind_it()
    {
        SaveTwice();
        Kit.Await(Memory.SaveAsync("book", new StoredSnapshot(4, new StoredForm("test.notebook", 99, Encoding.UTF8.GetBytes("{}")), DateTimeOffset.UnixEpoch)));

        var again = Start(make: Make);
        Expect("recovered a,b,c,d at 4");

        // The broken one is nothing to fall back on: what is deleted now is what the readable one before it stands for.
        Tell(again, "note:e", "save");
        Reports.ReceiveN(4);
        Assert.Equal(2, Kept.DeletedToSequenceNr);
        Start(make: Make);
        Expect("recovered a,b,c,d,e at 5");
    }

    [Fact]
    public void Snapshots_after_a_recovery_must_go_on_deleting()
    {
        SaveTwice();
        var again = Start(make: Make);
        Expect("recovered a,b,c,d at 4");
        Tell(again, "note:e", "save");
        Reports.ReceiveN(4);

        Assert.Equal((4, 1), ((int)Kept.DeletedToSequenceNr, Kept.Events.Count));
        Assert.Null(Kit.Await(Memory.LoadAsync("book", SnapshotCriteria.Latest with { MaxSequenceNr = 3 })).Snapshot);
    }

    [Fact]
    public void Deletion_that_fails_must_stop_nothing_and_come_again()
    {
        Memory.Fault = (operation, _) => operation is "DeleteTo" or "Delete" ? new JournalException(JournalFault.Storage, "disk full") : null;
        var book = SaveTwice();
        Assert.Equal((0, 4), ((int)Kept.DeletedToSequenceNr, Kept.Events.Count));

        Memory.Fault = null;
        Tell(book, "note:e", "save");
        Reports.ReceiveN(4);
        Assert.Equal(4, Kept.DeletedToSequenceNr);
        Tell(book, "get");
        Alice.ExpectMsg("a,b,c,d,e");
    }

    /// <summary>Snapshots after events 2 and 4; takes every report.</summary>
    private IActorRef SaveTwice()
    {
        var book = Start(make: Make);
        Expect("recovered  at 0");
        Tell(book, "note:a", "note:b", "save");
        Reports.ReceiveN(3);
        Tell(book, "note:c", "note:d", "save");
        Reports.ReceiveN(5);
        return book;
    }

    private sealed class Shortened(EventStore store, IActorRef report) : Notebook(store, "book", report)
    {
        protected override bool DeletesBehind => true;
    }
}
