using ClusterActors.Actors;
using ClusterActors.Cluster.Membership;
using ClusterActors.Cluster.Process;
using ClusterActors.Cluster.Wire;
using ClusterActors.Model;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Cluster.Tests.Pair;

/// <summary>What the guardian holds outranks the journal: so it must be what it holds now. No program runs on both servers (checked in each step).</summary>
public sealed class PresentTableTests : IDisposable
{
    private readonly World _world = new();

    public void Dispose() => _world.Dispose();

    private void BothUp()
    {
        _world.Boot(0, 1);
        _world.Settled(0, "web");
    }

    /// <summary>
    /// The daemon was restarted while the group ran here, the group was moved away, and its actor is made anew: by the table of the restart it would run here.
    /// </summary>
    [Fact]
    public void Group_whose_actor_is_made_anew_must_not_be_taken_for_running_by_the_table_of_the_last_greeting()
    {
        BothUp();
        _world.RestartDaemon(0);
        _world.Run(3);
        Assert.Equal(0, _world.Command(0, AdminVerb.Move, "web", Configs.Server2).Code);
        _world.Settled(1, "web");

        _world.FullDisks.Add(0);
        _world.Command(0, AdminVerb.Start, "web", wait: 1);
        _world.FullDisks.Remove(0);
        _world.Run(5);
        Assert.True(_world.RunsOn(1, "web"));
        Assert.Equal(Configs.Server2, _world[0].RecordOf("web")!.Owner);
    }

    /// <summary>
    /// While the daemon has no connection a term excludes its server and ends everything here; the next one, which excludes nobody, comes before the table of the new
    /// connection. It goes on with nothing that ran before.
    /// </summary>
    [Fact]
    public async Task Group_that_was_ended_while_the_guardian_was_not_connected_must_not_be_claimed_in_a_later_term()
    {
        BothUp();
        _world.IsCut = true;
        _world.Until(() => _world.RunsOn(1, "web"), 20, "taken over");
        _world.Guardians[0].DaemonGone();
        _world[0].Nm.Tell(new GuardianGone(), ActorRefs.NoSender);
        _world.Run(0.1);
        _world.Guardians[0].Programs.Clear();
        (_world.IsUnlinked, _world.IsCut) = (true, false);
        _world.Until(() => _world.Guardians[0].Term == _world.Guardians[1].Term, 5, "adopted");
        var excluding = _world.Guardians[0].Term;

        _world.Guardians[0].OnNote(note => _world[0].Nm.Tell(note, ActorRefs.NoSender));
        await _world.Guardians[1].AskAsync(new RaiseTerm(excluding, 0, 0, "a third server joined"), TimeSpan.FromSeconds(1));
        _world.Until(() => _world.Guardians[0].Term != excluding, 5, "the next term");
        _world.Run(0.05);
        _world[0].Connect(_world.Guardians[0]);
        _world.Run(0.3);
        _world.IsUnlinked = false;
        _world.Run(5);
        Assert.True(_world.RunsOn(1, "web"));
        Assert.Equal(Configs.Server2, _world[0].RecordOf("web")!.Owner);
        _world.Settled(1, "db");
    }

    /// <summary>The guardians of both servers lose their terms; each raise makes the view wait for the other server, and is for the same reason as the last.</summary>
    [Fact]
    public async Task Terms_that_the_guardians_have_lost_must_be_made_up_for_without_a_wait_for_each()
    {
        BothUp();
        for (var i = 0; i < 10; i++)
        {
            await _world.Guardians[0].AskAsync(new RaiseTerm(_world.Guardians[0].Term, 0, 0, "test"), TimeSpan.FromSeconds(1));
            _world.Run(0.5);
        }

        var lost = _world[0].RecordOf("web")!.Term;
        _world.PowerOff(0);
        _world.PowerOff(1);
        _world.Guardians[0].LoseTerm();
        _world.Guardians[1].LoseTerm();
        _world.Boot(0, 1);
        var began = _world.Now;
        _world.Until(() => _world.RunsOn(0, "web"), 60, "runs again");
        Assert.True(_world.Guardians[0].Term >= lost);
        Assert.InRange((_world.Now - began).TotalSeconds, 0, 8);
    }

    /// <summary>
    /// Of a group of synchronous start programs the table has nothing while it runs. The term that the returning server brings cannot be stored here, so the
    /// group's actor is made anew and finds an older term in its record: that is no word of the guardian that it ended anything.
    /// </summary>
    [Fact]
    public void Group_of_which_nothing_is_listed_must_be_ended_before_it_starts_again_when_its_claim_could_not_be_stored()
    {
        BothUp();
        Assert.Equal(0, _world.Command(0, AdminVerb.Move, "web", Configs.Server2).Code);
        _world.Settled(1, "web");
        _world.Unlisted.Add("web");
        _world.FullDisks.Add(1);
        _world.PowerOff(0);
        _world.Run(5);
        _world.Boot(0);
        _world.Run(20);
        _world.FullDisks.Remove(1);
        var before = _world.LogLines.Count;
        _world.Run(20);
        var after = _world.LogLines.Skip(before).Where(line => line.Contains(" web.", StringComparison.Ordinal)).ToList();
        Assert.Equal(["stop web.app on server2", "stop web.ip on server2"], after.Take(2));
        Assert.True(_world.RunsOn(0, "web") || _world.RunsOn(1, "web"), string.Join("\n", after));
    }
}
