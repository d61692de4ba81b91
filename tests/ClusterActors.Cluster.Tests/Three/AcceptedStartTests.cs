using ClusterActors.Actors;
using ClusterActors.Cluster.Groups;
using ClusterActors.Cluster.Tests.Pair;
using ClusterActors.Cluster.Wire;
using ClusterActors.Model;
using ClusterActors.Model.Events;
using ClusterActors.Model.Resources;
using ClusterActors.Persistence;
using ClusterActors.Persistence.InMemory;
using ClusterActors.TestKit;

namespace ClusterActors.Cluster.Tests.Three;

/// <summary>What server3 tells of a start between its acceptance and the record that says so, on a disk that takes its time or fails.</summary>
public sealed class AcceptedStartTests : IDisposable
{
    private static readonly ClusterConfig Config = ThreeServers.Config();
    private static readonly GroupName Web = new("web");
    private readonly TestKitBase _kit = new(new VirtualDriver(), "clpd3");
    private readonly TestProbe _nm;
    private readonly IActorRef _rc;
    private readonly SlowJournal _journal = new(new InMemoryStore());
    private GroupReport _told = null!;

    public AcceptedStartTests()
    {
        _nm = _kit.CreateTestProbe("nm");
        var registry = new EventRegistry();
        ClusterMessages.RegisterIn(registry);
        var store = new EventStore(_journal, new InMemoryStore(), registry);
        _rc = _kit.ActorOf(ResourceControl.Props(
            new(Config, ThreeServers.Server3, new EventIds(ThreeServers.Server3, DateTimeOffset.UnixEpoch), store, _ => new RunningResource()),
            _nm.Ref, _kit.CreateTestProbe("pm").Ref, _kit.CreateTestProbe("evt").Ref), "rc");
        _kit.Settle();
        _rc.Tell(new GroupReady(Web, false));
        _rc.Tell(ThreeServers.Meeting(Config, ThreeServers.Server3).View);
        Listen();
    }

    public void Dispose() => _kit.Dispose();

    [Fact]
    public void Start_must_be_told_in_its_term_until_its_record_is_stored()
    {
        Assert.Null(_told.StartingIn);
        var before = _told;
        _journal.Holds = true;
        Start();
        AssertBeingStarted();

        // A word of the group from before the order says nothing about it.
        _rc.Tell(new GroupChanged(before, 0));
        Listen();
        AssertBeingStarted();

        _journal.Release();
        Listen();
        Assert.Null(_told.StartingIn);
        Assert.Equal((ThreeServers.Term, ThreeServers.Server3), (_told.Record.Term, _told.Record.Owner));
    }

    /// <summary>The group's actor ends with its journal; the next one has not been given the start, and knows from its record and the guardian what is so.</summary>
    [Fact]
    public void Start_must_no_longer_be_told_when_the_actor_that_was_given_it_has_ended()
    {
        _journal.Fails = true;
        Start();
        AssertBeingStarted();

        _journal.Fails = false;
        _kit.Advance(TimeSpan.FromSeconds(2));
        Listen();
        Assert.Null(_told.StartingIn);
        Assert.False(_told.ActiveHere);
    }

    private void AssertBeingStarted()
    {
        Assert.Equal((ThreeServers.Term, true), (_told.StartingIn!.Value, _told.ActiveHere));
        Assert.All(_told.Resources, r => Assert.Equal(ResourceState.OnlinePending, r.State));
        Assert.NotEqual(ThreeServers.Term, _told.Record.Term);
    }

    private void Start()
    {
        var coordinator = _kit.CreateTestProbe("coordinator");
        coordinator.Send(_rc, new StartGroupOrder(1, Web, ThreeServers.Term, 9, StartCause.Start, "test") { By = Configs.Server1 });
        Assert.Equal("", coordinator.ExpectMsg<OrderReply>().Sentence);
        Listen();
    }

    private void Listen()
    {
        _kit.Settle();
        while (_nm.HasMessages)
            if (_nm.ReceiveN(1)[0] is OwnGroups own)
                _told = Assert.Single(own.Groups);
    }

    private sealed class SlowJournal(InMemoryStore inner) : IJournal
    {
        private TaskCompletionSource _held = new();

        public bool Holds { get; set; }

        public bool Fails { get; set; }

        public void Release()
        {
            Holds = false;
            _held.SetResult();
            _held = new();
        }

        public Task<WriterClaim> ClaimAsync(string persistenceId) => inner.ClaimAsync(persistenceId);

        public async Task WriteAsync(string persistenceId, long epoch, IReadOnlyList<JournalEvent> events)
        {
            if (Fails)
                throw new JournalException(JournalFault.Storage, "the disk is full");
            if (Holds)
                await _held.Task;
            await inner.WriteAsync(persistenceId, epoch, events);
        }

        public Task<EventPage> ReadAsync(string persistenceId, long fromSequenceNr, long toSequenceNr, int max) => inner.ReadAsync(persistenceId, fromSequenceNr, toSequenceNr, max);

        public Task DeleteToAsync(string persistenceId, long epoch, long toSequenceNr) => inner.DeleteToAsync(persistenceId, epoch, toSequenceNr);
    }

    private sealed class RunningResource : IResource
    {
        public Task<ResourceOutcome> StartAsync(StartRequest request, CancellationToken cancellation) => Task.FromResult(ResourceOutcome.Running("pid 4711"));

        public Task<ResourceOutcome> StopAsync(StopRequest request, CancellationToken cancellation) => Task.FromResult(ResourceOutcome.Stopped("stopped"));

        public Task<ResourceOutcome> CheckAsync(StartRequest request, CancellationToken cancellation) => Task.FromResult(ResourceOutcome.Stopped("does not run"));

        public Task<ResourceOutcome> WatchAsync(StartRequest request, CancellationToken cancellation) => new TaskCompletionSource<ResourceOutcome>().Task;
    }
}
