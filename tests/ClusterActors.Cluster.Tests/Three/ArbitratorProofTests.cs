using ClusterActors.Actors;
using ClusterActors.Cluster.Arbitration;
using ClusterActors.Cluster.Membership;
using ClusterActors.Cluster.Tests.Pair;
using ClusterActors.Model;
using ClusterActors.Model.Arbiters;
using ClusterActors.Model.Events;
using ClusterActors.Model.Guardian;
using ClusterActors.Model.Voting;
using ClusterActors.TestKit;

namespace ClusterActors.Cluster.Tests.Three;

/// <summary>What the arbitration of server1 holds for proven about server3, and shoots it for, is over as soon as anybody hears server3.</summary>
public sealed class ArbitratorProofTests : IDisposable
{
    private static readonly Term Term4 = new(4, 0);
    private readonly TestKitBase _kit = new(new VirtualDriver(), "clpd1");
    private readonly TestProbe _coordinator;
    private readonly TestProbe _events;
    private readonly SlowFence _fence;
    private readonly IActorRef _arbitrator;
    private readonly MembershipState _silent = ThreeServers.Meeting(ThreeServers.Fenced(), Configs.Server1).Loses(ThreeServers.Server3);
    private Arbitrated? _told;
    private long _outlooks;

    public ArbitratorProofTests()
    {
        (_coordinator, _events) = (_kit.CreateTestProbe("coordinator"), _kit.CreateTestProbe("evt"));
        _fence = new SlowFence(_kit.Clock);
        var ids = new EventIds(Configs.Server1, DateTimeOffset.UnixEpoch);
        _arbitrator = _kit.ActorOf(Arbitrator.Props(new(
            ThreeServers.Fenced(), Configs.Server1, [_fence], _coordinator.Ref, _events.Ref, ids, _kit.Clock, () => _kit.Clock.Elapsed, (_, _, _) => Task.CompletedTask)), "arbitration");
    }

    public void Dispose() => _kit.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Word_of_an_administrator_must_be_dropped_when_anybody_hears_the_server_again(bool here)
    {
        See(_silent, ThreeServers.Server3);
        _arbitrator.Tell(new ConfirmedOff(ThreeServers.Server3, "switched off by root"));
        Assert.Equal([ThreeServers.Server3], Told().Proven.Keys);
        Assert.Equal(FenceState.Proven, Fence?.State);

        See(Heard(_silent, here), ThreeServers.Server3);
        Assert.Empty(Told().Proven);
        Assert.Null(Fence);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Proof_of_a_fence_must_be_dropped_when_anybody_hears_the_server_again(bool here)
    {
        var excluded = Excluded();
        See(excluded);
        _kit.Advance(SlowFence.Takes);
        Assert.Equal([ThreeServers.Server3], Told().Proven.Keys);

        See(Heard(excluded, here), ThreeServers.Server3);
        Assert.Empty(Told().Proven);
        Assert.Null(Fence);
    }

    /// <summary>It takes a shot of its own.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Fence_of_an_earlier_silence_must_prove_nothing_about_the_next_one(bool here)
    {
        var excluded = Excluded();
        See(excluded);
        _kit.Advance(SlowFence.Takes / 2);
        See(Heard(excluded, here));
        See(excluded);
        _kit.Advance(SlowFence.Takes / 2);
        Assert.NotEqual(FenceState.Proven, Fence?.State);
        Assert.Empty(Told().Proven);

        _kit.Advance(SlowFence.Takes * 2);
        Assert.Equal(FenceState.Proven, Fence?.State);
        Assert.Equal(2, _fence.Shots);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Fence_that_ends_after_anybody_heard_the_server_again_must_prove_nothing(bool here)
    {
        var excluded = Excluded();
        See(excluded);
        Assert.Equal(FenceState.Running, Fence?.State);
        See(Heard(excluded, here));
        _kit.Advance(SlowFence.Takes);
        Assert.Null(Fence);
        Assert.Empty(Told().Proven);
        Assert.DoesNotContain("ca 72", Events());

        See(excluded);
        Assert.Equal(2, _fence.Shots);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Shot_under_way_must_be_called_off_when_anybody_hears_the_server_again(bool here)
    {
        See(Excluded());
        Assert.Equal(1, _fence.Shots);
        See(Heard(Excluded(), here));
        Assert.Equal(1, _fence.CalledOff);
        Assert.Null(Fence);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Shot_that_waits_must_not_be_fired_when_anybody_hears_the_server_again(bool here)
    {
        _kit.Settle();
        _arbitrator.Tell(new TestFence(Configs.Server2, true, "root"), _coordinator.Ref);
        _kit.Settle();
        See(Excluded());
        Assert.Equal((1, FenceState.Running), (_fence.Shots, Fence?.State));
        See(Heard(Excluded(), here));
        Assert.Null(Fence);
        _kit.Advance(SlowFence.Takes * 2);
        // The administrator's own one.
        Assert.Equal((1, 0), (_fence.Shots, _fence.CalledOff));

        See(Excluded());
        Assert.Equal(2, _fence.Shots);
    }

    [Fact]
    public void Shot_must_not_wait_for_a_check_that_hangs()
    {
        _kit.Settle();
        _fence.HangsOnCheck = true;
        _arbitrator.Tell(new TestFence(Configs.Server2, false, "root"), _coordinator.Ref);
        _kit.Settle();
        See(Excluded());
        Assert.Equal(1, _fence.Shots);

        _fence.HangsOnCheck = false;
        _kit.Advance(SlowFence.Takes);
        Assert.Equal(FenceState.Proven, Fence?.State);
        var tests = new List<FenceTested>();
        while (_coordinator.HasMessages)
            if (_coordinator.ExpectMsg<object>() is FenceTested tested)
                tests.Add(tested);
        Assert.Equal([("power", true, "on")], Assert.Single(tests).Lines);
        Assert.DoesNotContain("ca 74", Events());
    }

    /// <summary>It is the link between that is broken: a fence would shoot a server that runs what it should.</summary>
    [Fact]
    public void Silent_server_must_be_neither_judged_nor_shot_while_another_one_hears_it()
    {
        See(Heard(_silent, here: false));
        _kit.Advance(TimeSpan.FromMinutes(1));
        var verdict = Told().Verdict;
        Assert.Equal((VerdictKind.Wait, VerdictStep.None), (verdict.Kind, verdict.Step));
        Assert.Equal("server3 silent here, but heard by another server: the link between is broken, and nothing is taken over", verdict.Sentence);
        Assert.Equal(0, _fence.Shots);

        See(_silent);
        Assert.Equal(VerdictStep.Raise, Told().Verdict.Step);
    }

    /// <summary>By the votes of server1 and server2.</summary>
    private MembershipState Excluded() => _silent
        .OnTerm(new(ThreeServers.Term, Term4, 0b100, "raised here"))
        .OnGrant(new(GrantState.Held, Term4, "groups may run in this term"))
        .OnPeer(ThreeServers.Beats(Configs.Server2, PeerState.Up) with { Term = Term4 })
        .Tells(Configs.Server1, r => r with { Term = Term4 })
        .Tells(Configs.Server2, r => r with { Term = Term4, Out = [ThreeServers.Server3] });

    private static MembershipState Heard(MembershipState silent, bool here) =>
        here ? silent.OnPeer(ThreeServers.Beats(ThreeServers.Server3, PeerState.Up)) : silent.Hears(Configs.Server2, ThreeServers.Server3);

    private void See(MembershipState state, params ServerName[] settled)
    {
        _arbitrator.Tell(new Outlook(state.View, settled, true, [new("web")], ++_outlooks));
        _kit.Settle();
    }

    private FenceView? Fence =>
        _kit.Await(_arbitrator.Ask<ArbitersShown>(new GetArbiters(), TimeSpan.FromSeconds(1))).Fences.GetValueOrDefault(ThreeServers.Server3);

    /// <summary>What the coordinator was told last.</summary>
    private Arbitrated Told()
    {
        _kit.Settle();
        while (_coordinator.HasMessages)
            _told = _coordinator.ExpectMsg<Arbitrated>();
        return _told!;
    }

    private List<string> Events()
    {
        var events = new List<string>();
        while (_events.HasMessages)
            events.Add($"{_events.ExpectMsg<EventDraft>().Key}");
        return events;
    }

    /// <summary>Its shots hit.</summary>
    private sealed class SlowFence(TimeProvider time) : IProofArbiter
    {
        public static readonly TimeSpan Takes = TimeSpan.FromSeconds(5);

        public string Name => "power";

        public string Type => "fence";

        public int Shots { get; private set; }

        public int CalledOff { get; private set; }

        public bool HangsOnCheck { get; set; }

        public bool Covers(ServerName server) => true;

        public async Task<ProofAnswer> ExcludeAsync(ServerName server, CancellationToken cancellation)
        {
            Shots++;
            try
            {
                await Delay(Takes, cancellation);
            }
            catch (OperationCanceledException)
            {
                CalledOff++;
                throw;
            }

            return new(true, "status says off");
        }

        public async Task<ProofAnswer> CheckAsync(ServerName server, CancellationToken cancellation)
        {
            if (HangsOnCheck)
                await Delay(TimeSpan.FromMinutes(1), cancellation);
            return new(true, "on");
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        /// <summary>Ends where it is called off; Task.Delay would do that on a thread of the pool, which virtual time does not wait for.</summary>
        private async Task Delay(TimeSpan longest, CancellationToken cancellation)
        {
            var ended = new TaskCompletionSource();
            await using var timer = time.CreateTimer(_ => ended.TrySetResult(), null, longest, Timeout.InfiniteTimeSpan);
            await using var stop = cancellation.Register(() => ended.TrySetCanceled(cancellation));
            await ended.Task;
        }
    }
}
