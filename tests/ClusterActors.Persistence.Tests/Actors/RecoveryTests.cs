using System.Text;
using ClusterActors.Actors;

namespace ClusterActors.Persistence.Tests.Actors;

public sealed class RecoveryTests : PersistentActorFixture
{
    [Fact]
    public void Actor_must_stop_when_the_journal_cannot_be_read()
    {
        Memory.Fault = (operation, _) => operation == "Read" ? new JournalException(JournalFault.Storage, "bad sector") : null;

        var book = Start();

        Expect("recovery failed: bad sector");
        ExpectStopped(book);
    }

    [Fact]
    public void Actor_must_stop_when_a_recover_handler_throws()
    {
        Store1Event("book", "test.noted", 1, """{"Text":"a"}""");

        var book = Start(make: () => new Picky(Store, Reports.Ref));

        Expect("recovery failed: do not like a");
        ExpectStopped(book);
    }

    [Fact]
    public void Actor_must_stop_with_a_clear_sentence_when_the_manifest_is_unknown()
    {
        Store1Event("book", "test.from-the-future", 1, "{}");

        var book = Start();

        var report = Reports.ExpectMsg<string>();
        Assert.Contains("test.from-the-future, which this program does not know", report);
        ExpectStopped(book);
    }

    [Fact]
    public void Actor_must_stop_when_a_stored_event_has_no_recover_handler()
    {
        Store1Event("book", "test.notebook", 1, """{"Lines":[]}""");

        var book = Start();

        Assert.Contains("no Recover handler for event 1", Reports.ExpectMsg<string>());
        ExpectStopped(book);
    }

    [Fact]
    public void Recovery_must_fail_when_the_store_stays_silent()
    {
        Journal.HoldClaims = true;
        var book = Start();
        Kit.Advance(TimeSpan.FromSeconds(29));
        Assert.False(Reports.HasMessages);

        Kit.Advance(TimeSpan.FromSeconds(2));

        Assert.Contains("said nothing for 30 s", Reports.ExpectMsg<string>());
        ExpectStopped(book);
        Assert.Equal(2, Store.FreeRecoveryPermits);
    }

    [Fact]
    public void Recoveries_must_wait_for_a_permit_and_give_it_back_also_when_they_die()
    {
        Journal.HoldClaims = true;
        var books = Enumerable.Range(0, 4).Select(n => Start($"book-{n}")).ToList();
        Kit.Settle();
        Assert.Equal(2, Journal.HeldCount);
        Assert.Equal(0, Store.FreeRecoveryPermits);

        Kit.Sys.Stop(books[2]); // Dies waiting for a permit.
        Kit.Sys.Stop(books[0]); // Dies holding one.
        Kit.Settle();
        Kit.AwaitCondition(() => Journal.HeldCount == 3, what: "the fourth asks the journal");

        Journal.ReleaseOne();
        Journal.ReleaseOne();
        Journal.ReleaseOne();
        Expect("recovered  at 0", "recovered  at 0");
        Kit.AwaitCondition(() => Store.FreeRecoveryPermits == 2, what: "all permits are back");
    }

    [Fact]
    public void Snapshot_must_stand_for_the_events_before_it()
    {
        var book = StartRecovered();
        Tell(book, "note:a", "note:b", "save", "note:c");
        Expect("noted a at 1 for alice", "noted b at 2 for alice", "noted c at 3 for alice");
        Reports.ExpectMsg(new SaveSnapshotSuccess(2));
        Tell(book, "delete:2");
        Reports.ExpectMsg(new DeleteMessagesSuccess(2));

        StartRecovered("recovered a,b,c at 3");
    }

    [Fact]
    public void Snapshot_that_cannot_be_read_must_be_passed_over_for_an_older_one()
    {
        var book = StartRecovered();
        Tell(book, "note:a", "save", "note:b");
        Expect("noted a at 1 for alice");
        Reports.ExpectMsg<object>();
        Reports.ExpectMsg<object>();
        SaveUnreadableSnapshot(2);

        StartRecovered("recovered a,b at 2");
    }

    [Fact]
    public void Recovery_must_fail_when_no_snapshot_can_be_read_and_its_events_are_deleted()
    {
        var book = StartRecovered();
        Tell(book, "note:a", "note:b", "delete:1");
        Expect("noted a at 1 for alice", "noted b at 2 for alice");
        Reports.ExpectMsg<DeleteMessagesSuccess>();
        SaveUnreadableSnapshot(1);

        var again = Start();

        Assert.Contains("event 1 was deleted and the snapshot that stood for it could not be used", Reports.ExpectMsg<string>());
        ExpectStopped(again);
    }

    [Fact]
    public void All_events_must_be_replayed_when_snapshots_are_switched_off_or_not_handled()
    {
        var book = StartRecovered();
        Tell(book, "note:a", "save", "note:b");
        Reports.ReceiveN(3);

        Start(make: () => new WithoutSnapshots(Store, Reports.Ref));

        Expect("recovered a,b at 2");
    }

    [Fact]
    public void Numbers_must_go_on_after_all_events_are_deleted()
    {
        var book = StartRecovered();
        Tell(book, "note:a", "note:b", "delete:2");
        Reports.ReceiveN(3);

        var again = StartRecovered("recovered  at 2");
        Tell(again, "note:c");
        Expect("noted c at 3 for alice");
    }

    [Fact]
    public void Deleting_beyond_the_last_event_must_be_answered_with_a_failure()
    {
        var book = StartRecovered();
        Tell(book, "note:a", "delete:2", "delete-snapshots", "get");

        Reports.ExpectMsg<string>();
        Assert.Equal(2, Reports.ExpectMsg<DeleteMessagesFailure>().ToSequenceNr);
        Reports.ExpectMsg<DeleteSnapshotsSuccess>();
        Alice.ExpectMsg("a");
    }

    [Fact]
    public void Actor_must_go_on_when_a_snapshot_cannot_be_stored()
    {
        var book = StartRecovered();
        Memory.Fault = (operation, _) => operation == "Save" ? new JournalException(JournalFault.Storage, "disk full") : null;
        Tell(book, "note:a", "save", "note:b");

        Expect("noted a at 1 for alice");
        Assert.Equal(["SaveSnapshotFailure", "String"], Reports.ReceiveN(2).Select(m => m.GetType().Name).Order());
    }

    [Fact]
    public void Hole_in_the_stream_must_fail_the_recovery()
    {
        var book = StartRecovered();
        Tell(book, "note:a", "note:b", "note:c");
        Reports.ReceiveN(3);
        var holed = new EventStore(new HoledJournal(Memory, missing: 2), Memory, Notebook.Registry);

        var again = Start(make: () => new Notebook(holed, "book", Reports.Ref));

        Assert.Contains("event 2 is missing", Reports.ExpectMsg<string>());
        ExpectStopped(again);
    }

    [Fact]
    public void RecoveryCompleted_must_be_able_to_persist_before_the_first_command()
    {
        Journal.HoldWrites = true;
        var book = Start(make: () => new Opening(Store, Reports.Ref));
        Tell(book, "get");
        Kit.Settle();
        Journal.ReleaseOne();

        Alice.ExpectMsg("opened");
    }

    private void Store1Event(string id, string manifest, int version, string json)
    {
        var claim = Kit.Await(Memory.ClaimAsync(id));
        var form = new StoredForm(manifest, version, Encoding.UTF8.GetBytes(json));
        Kit.Await(Memory.WriteAsync(id, claim.Epoch, [new JournalEvent(1, form, DateTimeOffset.UnixEpoch)]));
    }

    private void SaveUnreadableSnapshot(long number) => Kit.Await(Memory.SaveAsync(
        "book",
        new StoredSnapshot(number, new StoredForm("test.notebook", 99, Encoding.UTF8.GetBytes("{}")), DateTimeOffset.UnixEpoch)));

    private sealed class Picky : ReceivePersistentActor
    {
        private readonly IActorRef _report;

        public Picky(EventStore store, IActorRef report)
            : base(store)
        {
            _report = report;
            Recover<Noted>(e => throw new InvalidOperationException($"do not like {e.Text}"));
        }

        public override string PersistenceId => "book";

        protected override void OnRecoveryFailure(Exception reason, object? message) => _report.Tell($"recovery failed: {reason.Message}");
    }

    private sealed class WithoutSnapshots(EventStore store, IActorRef report) : Notebook(store, "book", report)
    {
        protected override SnapshotCriteria RecoverySnapshots => SnapshotCriteria.None;
    }

    private sealed class Opening(EventStore store, IActorRef report) : Notebook(store, "book", report)
    {
        protected override void OnRecovered() => Persist(new Noted("opened"), e => Lines.Add(e.Text));
    }

    private sealed class HoledJournal(IJournal inner, long missing) : IJournal
    {
        public Task<WriterClaim> ClaimAsync(string persistenceId) => inner.ClaimAsync(persistenceId);

        public Task WriteAsync(string persistenceId, long epoch, IReadOnlyList<JournalEvent> events) => inner.WriteAsync(persistenceId, epoch, events);

        public async Task<EventPage> ReadAsync(string persistenceId, long fromSequenceNr, long toSequenceNr, int max)
        {
            var page = await inner.ReadAsync(persistenceId, fromSequenceNr, toSequenceNr, max);
            return page with { Events = page.Events.Where(e => e.SequenceNr != missing).ToList() };
        }

        public Task DeleteToAsync(string persistenceId, long epoch, long toSequenceNr) => inner.DeleteToAsync(persistenceId, epoch, toSequenceNr);
    }
}
