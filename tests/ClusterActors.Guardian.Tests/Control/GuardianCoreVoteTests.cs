using ClusterActors.Guardian.Beats;
using ClusterActors.Guardian.Control;
using ClusterActors.Guardian.Storage;
using ClusterActors.Heartbeats.Engine;
using ClusterActors.Model;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Guardian.Tests.Control;

/// <summary>The guardian's decisions about votes over ports that do nothing until told to.</summary>
public sealed class GuardianCoreVoteTests
{
    private const long Ms = 1_000_000;

    [Fact]
    public void Stand_down_must_end_everything_disarm_the_kill_timer_and_live_on()
    {
        using var guardian = new CoreBench();
        guardian.HoldByVow();
        Assert.Equal(GrantState.Held, guardian.Loop.Engine.Grant);
        guardian.Advance(1900);
        Assert.Equal(GrantState.Expired, guardian.Loop.Engine.Grant);
        Assert.True(guardian.Closed);
        Assert.Single(guardian.Kills);
        Assert.False(guardian.Loop.Disarmed);
        Assert.True(guardian.Loop.Engine.StandingDown);

        // One program hangs: the timer stays armed and it is tried again at once.
        guardian.Kills[^1](new KillOutcome(false, "db lives"));
        guardian.Advance(15);
        Assert.Equal(2, guardian.Kills.Count);
        Assert.False(guardian.Loop.Disarmed);
        guardian.Kills[^1](new KillOutcome(true, ""));
        guardian.Advance(1);
        Assert.True(guardian.Loop.Disarmed);
        Assert.False(guardian.Loop.Engine.StandingDown);
        Assert.False(guardian.Core.HasEnded);
        guardian.HoldByVow();
        Assert.Equal(GrantState.Held, guardian.Loop.Engine.Grant);
    }

    [Fact]
    public void Stand_down_that_is_told_twice_must_run_once()
    {
        using var guardian = new CoreBench();
        guardian.HoldByVow();
        guardian.Advance(1900);
        Assert.Single(guardian.Kills);
        for (int i = 0; i < 100_000; i++)
            guardian.Loop.Engine.Notes.Add(new EngineNote { Kind = EngineNoteKind.Stall, Reason = "flood" });
        guardian.Advance(1);
        Assert.Single(guardian.Kills);
        guardian.Kills[^1](new KillOutcome(true, ""));
        guardian.Advance(1);
        Assert.False(guardian.Loop.Engine.StandingDown);
        guardian.HoldByVow();
        Assert.Equal(GrantState.Held, guardian.Loop.Engine.Grant);
        Assert.Single(guardian.Kills);
    }

    [Fact]
    public void Raise_that_needs_votes_must_be_answered_when_they_are_counted()
    {
        using var guardian = new CoreBench();
        guardian.HoldByVow();
        guardian.KeepByVow(2500);
        guardian.Ask(new RaiseTerm(guardian.Loop.Engine.Term, 0b10, 0, "silent"), 7);
        Assert.NotEqual(Term.Zero, guardian.Loop.Engine.CandidateTerm);
        Assert.DoesNotContain(7ul, guardian.Connection.Replies.Keys);

        // A second request meanwhile is refused, not lost.
        guardian.Ask(new RaiseTerm(guardian.Loop.Engine.Term, 0b10, 0, "again"), 8);
        Assert.Equal(GuardianResult.Refused, guardian.Connection.Replies[8].Result);
        guardian.KeepByVow(1200);
        Assert.Equal(GuardianResult.Refused, guardian.Connection.Replies[7].Result);
        Assert.Contains("voted for it in time", guardian.Connection.Replies[7].Sentence, StringComparison.Ordinal);

        // With the store's vote it is granted, stored, and only then in force.
        guardian.Disk.Hold = true;
        guardian.Ask(new RaiseTerm(guardian.Loop.Engine.Term, 0b10, 0, "silent") { ArbiterVote = true }, 9);
        Assert.DoesNotContain(9ul, guardian.Connection.Replies.Keys);
        guardian.Disk.Release();
        guardian.Advance(1);
        Assert.Equal(GuardianResult.Done, guardian.Connection.Replies[9].Result);
        Assert.Equal(guardian.Connection.Replies[9].Term, guardian.Disk.State.Term.Term);
        Assert.Equal(guardian.Loop.Engine.Term, guardian.Disk.State.Term.Term);
    }

    [Fact]
    public void Vow_of_a_store_in_another_term_must_be_refused()
    {
        using var guardian = new CoreBench();
        guardian.HoldByVow();
        guardian.Ask(new ArbiterVow(new Term(99, 0), guardian.Now, TimeSpan.FromSeconds(2)), 3);
        Assert.Equal(GuardianResult.Refused, guardian.Connection.Replies[3].Result);
        guardian.Ask(new ArbiterVow(guardian.Loop.Engine.Term, guardian.Now, TimeSpan.FromSeconds(2)), 4);
        Assert.Equal(GuardianResult.Done, guardian.Connection.Replies[4].Result);
        guardian.Ask(new GetTable(), 5);
        VotingState voting = guardian.Connection.Replies[5].Table.Voting;
        Assert.Equal(VotingMode.Vows, voting.Mode);
        Assert.Equal(VotingArbiter.Store, voting.Arbiter);
    }
}
