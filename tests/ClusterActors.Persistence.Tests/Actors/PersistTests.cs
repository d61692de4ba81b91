using ClusterActors.Actors;

namespace ClusterActors.Persistence.Tests.Actors;

public sealed class PersistTests : PersistentActorFixture
{
    [Fact]
    public void Actor_must_recover_from_the_events_of_an_earlier_life()
    {
        var book = StartRecovered();
        Tell(book, "note:a", "note:b");
        Expect("noted a at 1 for alice", "noted b at 2 for alice");
        Kit.Sys.Stop(book);
        ExpectStopped(book);

        StartRecovered("recovered a,b at 2");
    }

    [Fact]
    public void Commands_must_wait_for_recovery_and_keep_their_order()
    {
        Journal.HoldClaims = true;
        var book = Start();
        Tell(book, "note:a", "say:x", "note:b");
        Reports.ExpectNoMsg();

        Journal.ReleaseOne();

        Expect("recovered  at 0", "noted a at 1 for alice", "said x", "noted b at 2 for alice");
    }

    [Fact]
    public void Commands_must_wait_until_the_handler_of_an_event_has_run()
    {
        var book = StartRecovered();
        Journal.HoldWrites = true;
        Tell(book, "note:a", "say:x", "note:b", "say:y");
        Reports.ExpectNoMsg();

        Journal.ReleaseOne();
        Expect("noted a at 1 for alice", "said x");
        Reports.ExpectNoMsg();

        Journal.ReleaseOne();
        Expect("noted b at 2 for alice", "said y");
    }

    [Fact]
    public void Events_of_one_command_must_be_written_together_and_handled_in_order()
    {
        var book = StartRecovered();
        Tell(book, "note-all:a+b+c", "get");

        Expect("noted a at 1 for alice", "noted b at 2 for alice", "noted c at 3 for alice");
        Alice.ExpectMsg("a,b,c");
        Assert.Equal([3], Journal.Writes);
    }

    [Fact]
    public void PersistAll_of_null_must_do_nothing()
    {
        var book = StartRecovered();
        Tell(book, "note-null", "note:a");

        Expect("nothing persisted", "noted a at 1 for alice");
    }

    [Fact]
    public void Nested_persist_must_end_before_the_next_command()
    {
        var book = StartRecovered();
        Journal.HoldWrites = true;
        Tell(book, "nested:a", "say:x");
        Kit.Settle();
        Journal.ReleaseOne();
        Expect("noted a at 1 for alice");
        Reports.ExpectNoMsg();
        Journal.ReleaseOne();

        Expect("noted a' at 2 for alice", "said x");
    }

    [Fact]
    public void PersistAsync_must_not_hold_commands_back()
    {
        var book = StartRecovered();
        Journal.HoldWrites = true;
        Tell(book, "async:a", "say:x");

        Expect("said x");
        Journal.ReleaseOne();
        Expect("noted a at 1 for alice");
    }

    [Fact]
    public void Handlers_must_run_in_order_when_async_and_sync_persists_are_mixed()
    {
        var book = StartRecovered();
        Journal.HoldWrites = true;
        book.Tell("async:a", Bob.Ref);
        Tell(book, "note:b", "async:c", "say:x");
        Reports.ExpectNoMsg();

        Journal.ReleaseOne();
        Expect("noted a at 1 for bob");
        Journal.ReleaseOne();
        Expect("noted b at 2 for alice", "said x");
        Journal.ReleaseOne();
        Expect("noted c at 3 for alice");
    }

    [Fact]
    public void At_most_one_write_must_be_under_way_and_the_rest_be_written_together()
    {
        var book = StartRecovered();
        Journal.HoldWrites = true;
        Tell(book, "async:a", "async:b", "async:c", "async:d");
        Kit.Settle();
        Assert.Equal([1], Journal.Writes);

        Journal.ReleaseOne();
        Expect("noted a at 1 for alice");
        Kit.Settle();
        Assert.Equal([1, 3], Journal.Writes);
        Journal.ReleaseOne();
        Expect("noted b at 2 for alice", "noted c at 3 for alice", "noted d at 4 for alice");
    }

    [Fact]
    public void DeferAsync_must_run_at_once_when_nothing_is_pending()
    {
        var book = StartRecovered();
        Tell(book, "defer:x");

        Expect("deferred x for alice");
    }

    [Fact]
    public void DeferAsync_must_run_behind_the_events_persisted_before()
    {
        var book = StartRecovered();
        Journal.HoldWrites = true;
        Tell(book, "async:a", "async:b");
        book.Tell("defer:x", Bob.Ref);
        Tell(book, "say:y");
        Expect("said y");

        Journal.ReleaseOne();
        Expect("noted a at 1 for alice");
        Journal.ReleaseOne();
        Expect("noted b at 2 for alice", "deferred x for bob");
    }

    [Fact]
    public void Actor_must_stop_when_a_write_fails()
    {
        var book = StartRecovered();
        Memory.Fault = (operation, _) => operation == "Write" ? new JournalException(JournalFault.Storage, "disk full") : null;
        Tell(book, "note:a", "say:never");

        Expect("persist failed at 1: Storage");
        ExpectStopped(book);
        Reports.ExpectNoMsg();
    }

    [Fact]
    public void Actor_must_stop_when_an_async_write_fails()
    {
        var book = StartRecovered();
        Memory.Fault = (operation, _) => operation == "Write" ? new JournalException(JournalFault.QueueFull, "too slow") : null;
        Tell(book, "async:a");

        Expect("persist failed at 1: QueueFull");
        ExpectStopped(book);
    }

    [Fact]
    public void Actor_must_go_on_when_an_event_has_no_stored_form()
    {
        var book = StartRecovered();
        Tell(book, "unwritable:x", "note:a");

        Expect("rejected Unwritable", "noted a at 1 for alice");
    }

    [Fact]
    public void Event_must_be_in_the_state_when_its_handler_failed_and_the_actor_was_restarted()
    {
        var book = StartRecovered();
        Tell(book, "note:a", "throw-in-handler:b", "note:c", "get");

        Expect("noted a at 1 for alice", "recovered a,b at 2", "noted c at 3 for alice");
        Alice.ExpectMsg("a,b,c");
    }

    [Fact]
    public void Event_must_be_stored_when_its_command_failed_after_Persist()
    {
        var book = StartRecovered();
        Tell(book, "note-then-throw:a", "get");

        Expect("recovered a at 1");
        Alice.ExpectMsg("a");
    }

    [Fact]
    public void Confirmation_of_an_earlier_instance_must_have_no_effect()
    {
        var book = StartRecovered();
        Journal.HoldWrites = true;
        Tell(book, "async:a");
        Kit.Settle();
        book.Tell(new InvalidOperationException("restart me"), Alice.Ref);
        Expect("recovered  at 0");

        Journal.ReleaseOne(); // The old writer was replaced: its event is refused and its confirmation names the old write.
        Tell(book, "note:b");
        Kit.Settle();
        Journal.ReleaseOne();

        Expect("noted b at 1 for alice");
    }

    [Fact]
    public void Actor_must_stop_when_a_supervisor_resumes_it_after_a_failure()
    {
        var parent = Kit.ActorOf(Props.Create(() => new Resuming(() => new Notebook(Store, "book", Reports.Ref))));
        Expect("recovered  at 0");
        parent.Tell("throw-in-handler:a", Alice.Ref);
        parent.Tell("note:b", Alice.Ref);

        Expect("child stopped");
        Reports.ExpectNoMsg();
    }

    [Fact]
    public void Older_of_two_actors_with_one_id_must_stop_at_its_next_write()
    {
        var old = StartRecovered();
        Tell(old, "note:a");
        Expect("noted a at 1 for alice");
        var young = StartRecovered("recovered a at 1");

        Tell(old, "note:b");
        Expect("persist failed at 2: WriterReplaced");
        ExpectStopped(old);
        Tell(young, "note:c");
        Expect("noted c at 2 for alice");
    }

    [Fact]
    public void User_stash_must_come_before_commands_that_waited_for_the_write()
    {
        var book = StartRecovered();
        Tell(book, "stash", "say:1", "say:2");
        Kit.Settle();
        Journal.HoldWrites = true;
        Tell(book, "open", "say:3");
        Kit.Settle();
        Journal.ReleaseOne();

        Expect("noted opened at 1 for alice", "said 1", "said 2", "said 3");
    }

    [Fact]
    public void Async_command_must_end_with_the_handlers_of_its_events()
    {
        var gate = new TaskCompletionSource();
        var book = Start(make: () => new AsyncNotebook(Store, Reports.Ref, gate.Task));
        Expect("recovered  at 0");
        Journal.HoldWrites = true;
        book.Tell(5, Alice.Ref);
        Tell(book, "say:x");
        Kit.Settle();
        Assert.Empty(Journal.Writes);

        gate.SetResult();
        Kit.Settle();
        Reports.ExpectNoMsg();
        Journal.ReleaseOne();
        Expect("stored 5 for alice", "said x");
    }

    private sealed class AsyncNotebook : Notebook
    {
        public AsyncNotebook(EventStore store, IActorRef report, Task gate)
            : base(store, "async-book", report) => CommandAsync<int>(async number =>
            {
                await gate;
                Persist(new Noted($"{number}"), e => Report($"stored {e.Text} for {Sender.Path.Name}"));
            });
    }

    private sealed class Resuming : ReceiveActor
    {
        public Resuming(Func<Notebook> make)
        {
            var child = Context.Watch(Context.ActorOf(Props.Create(make)));
            Receive<string>(command => child.Forward(command));
            Receive<Terminated>(_ => Context.ActorSelection("/user/reports").Tell("child stopped"));
        }

        protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Resume);
    }
}
