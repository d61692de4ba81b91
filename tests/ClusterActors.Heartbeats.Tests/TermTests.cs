using ClusterActors.Heartbeats.Engine;
using ClusterActors.Heartbeats.Lan;
using ClusterActors.Model;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Heartbeats.Tests;

public sealed class TermTests
{
    [Fact]
    public void Term_must_be_raised_exactly_at_the_timeout_when_the_peer_is_silent()
    {
        using EngineLab lab = new EngineLab().Formed();
        lab.Run(1000);
        long silent = lab[0].Engine.View(1, lab.Now).SilentNanoseconds;
        lab.Cut();
        lab.Run(1999 - (silent / EngineLab.Ms));
        Assert.False(lab[0].Raise(0b10));
        Assert.Contains("within the timeout", lab[0].LastRefusal, StringComparison.Ordinal);
        lab.Run(1);
        Assert.True(lab[0].Raise(0b10), lab[0].LastRefusal);
        Assert.Equal(new Term(2, 0), lab[0].Engine.Term);
    }

    /// <summary>Simulation, seed 5051: a longer timeout was in force on one server only, whose groups were taken over while its grant still ran.</summary>
    [Fact]
    public void Term_must_not_be_raised_by_silence_over_a_server_with_other_settings()
    {
        using var lab = new EngineLab();
        lab[1].Settings = lab[1].Settings with { ConfigHash = 7 };
        lab.Formed().Cut();
        lab.Run(60_000);
        Assert.False(lab[0].MayExclude(1));
        Assert.False(lab[0].Raise(0b10));
        Assert.Contains("another configuration", lab[0].LastRefusal, StringComparison.Ordinal);
        Assert.True(lab[0].Raise(0b10, confirmed: 0b10), lab[0].LastRefusal);
    }

    /// <summary>Simulation, three servers, seed 730049: the next life of a server with the shorter timeout knew of no difference.</summary>
    [Fact]
    public void Grant_must_not_grow_with_a_longer_timeout_before_the_peer_waits_as_long()
    {
        using EngineLab lab = new EngineLab().Formed();
        lab[1].Engine.Apply(lab[1].Settings with { Timeout = TimeSpan.FromSeconds(3), Grant = TimeSpan.FromMilliseconds(2943), ConfigHash = 7 });
        lab.Run(1000);
        Assert.Equal((2000 - 57) * EngineLab.Ms, lab[1].Engine.GrantLength);
        lab[0].Engine.Apply(lab[0].Settings with { Timeout = TimeSpan.FromSeconds(3), Grant = TimeSpan.FromMilliseconds(2943), ConfigHash = 7 });
        lab.Run(1000);
        Assert.Equal(2943 * EngineLab.Ms, lab[1].Engine.GrantLength);
    }

    [Fact]
    public void Term_must_not_be_raised_by_silence_when_the_policy_is_hold()
    {
        using EngineLab lab = new EngineLab(policy: PartitionPolicy.Hold).Formed();
        lab.Cut();
        lab.Run(60_000);
        Assert.False(lab[0].Raise(0b10));
        Assert.Contains("hold", lab[0].LastRefusal, StringComparison.Ordinal);
        Assert.True(lab[0].Raise(0b10, confirmed: 0b10), lab[0].LastRefusal);
    }

    [Fact]
    public void Confirmation_must_not_help_when_the_peer_is_still_heard()
    {
        using EngineLab lab = new EngineLab(policy: PartitionPolicy.Hold).Formed();
        Assert.False(lab[0].Raise(0b10, confirmed: 0b10));
        Assert.Contains("heard", lab[0].LastRefusal, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(PartitionPolicy.Hold)]
    [InlineData(PartitionPolicy.TakeOver)]
    public void Term_must_be_raised_at_once_when_the_peer_is_down_and_clean(PartitionPolicy policy)
    {
        using EngineLab lab = new EngineLab(policy: policy).Formed();
        Assert.False(lab[0].Raise(0b10));
        lab[1].Engine.PromiseClean("made safe");
        lab[1].Engine.SetDaemon(DaemonState.Gone, lab.Now);
        lab.Run(202);
        Assert.Equal(PeerState.Clean, lab[0].StateOf(1));
        Assert.True(lab[0].Raise(0b10), lab[0].LastRefusal);
        lab[0].Pass();
        Assert.True(lab[0].Engine.MayStart);
    }

    [Fact]
    public void Two_clean_servers_must_not_exclude_each_other_when_they_are_cut_in_their_first_term()
    {
        using var lab = new EngineLab(policy: PartitionPolicy.Hold);
        lab[0].Start();
        lab[1].Start();
        lab[0].Engine.SetClean();
        lab[1].Engine.SetClean();
        lab.Run(5_000);
        lab.Cut();
        lab.Run(10_000);
        Assert.True(lab[0].MayExclude(1));
        Assert.False(lab[1].MayExclude(0));
        Assert.True(lab[0].Raise(0b10), lab[0].LastRefusal);
        Assert.False(lab[1].Raise(0b01));
        Assert.Contains("hold", lab[1].LastRefusal, StringComparison.Ordinal);
    }

    [Fact]
    public void Clean_server_whose_daemon_is_back_must_exclude_nobody_who_still_takes_it_for_gone()
    {
        using var lab = new EngineLab(policy: PartitionPolicy.Hold);
        lab[0].Start();
        lab[1].Start();
        lab[0].Engine.SetClean();
        lab[1].Engine.SetClean();
        lab[0].Engine.SetDaemon(DaemonState.Gone, lab.Now);
        lab.Run(5_000);
        lab.Cut();
        lab[0].Engine.SetDaemon(DaemonState.Running, lab.Now);
        lab.Run(10_000);
        Assert.True(lab[1].MayExclude(0));
        Assert.False(lab[0].MayExclude(1));

        lab.Heal();
        lab.Run(1_000);
        Assert.True(lab[0].MayExclude(1));
        Assert.False(lab[1].MayExclude(0));
    }

    [Fact]
    public void Grant_must_not_be_given_under_hold_when_a_server_that_is_not_excluded_never_showed_the_term()
    {
        using var lab = new EngineLab(policy: PartitionPolicy.Hold);
        lab[0].Start();
        lab[1].Start();
        lab[0].Engine.SetClean();
        lab[1].Engine.SetClean();
        lab.Run(5_000);
        Assert.True(lab[1].Raise(0), lab[1].LastRefusal);
        lab.Cut();
        lab.Run(60_000);
        Assert.False(lab[1].Engine.MayStart);
    }

    [Fact]
    public void Promise_must_be_given_for_the_next_term_too_while_no_daemon_could_start_anything()
    {
        using EngineLab lab = new EngineLab().Formed();
        lab[1].Engine.PromiseClean("made safe");
        lab[1].Engine.SetDaemon(DaemonState.Gone, lab.Now);
        lab.Run(202);
        Assert.True(lab[0].Raise(0b10), lab[0].LastRefusal);
        lab.Run(402);
        Assert.Equal(lab[0].Engine.Term, lab[1].Engine.Term);
        Assert.False(lab[1].Engine.MayStart);
        Assert.Equal(PeerState.Clean, lab[0].StateOf(1));

        // Its daemon is back: it is up, and only a further term ends the promise.
        lab[1].Engine.SetDaemon(DaemonState.Running, lab.Now);
        lab.Run(202);
        Assert.Equal(PeerState.Up, lab[0].StateOf(1));
        Assert.False(lab[1].Engine.MayStart);
        Assert.True(lab[0].Raise(0), lab[0].LastRefusal);
        lab.Run(402);
        Assert.True(lab[1].Engine.MayStart);
    }

    [Fact]
    public void New_incarnation_alone_must_not_be_proof_of_clean()
    {
        using EngineLab lab = new EngineLab().Formed();
        lab[1].Start();
        lab.Run(500);
        Assert.Equal(2u, lab[0].Engine.View(1, lab.Now).Incarnation.StartCounter);
        Assert.False(lab[0].Raise(0b10));
        lab[1].Engine.SetClean();
        lab.Run(202);
        Assert.True(lab[0].Raise(0b10), lab[0].LastRefusal);
    }

    [Fact]
    public void Clean_must_not_count_when_it_answers_an_earlier_life_of_ours()
    {
        using EngineLab lab = new EngineLab().Formed();
        lab[1].Engine.PromiseClean("made safe");
        lab[1].Pass();
        byte[] clean = lab[1].Sent[^1].Bytes;
        lab[1].Freeze();
        lab[0].Start();
        lab[0].Engine.SetClean();
        lab.Inject(0, 0, clean);
        lab.Run(10);
        Assert.Equal(GuardianFlags.DownAndClean, lab[0].Engine.View(1, lab.Now).Flags);
        Assert.False(lab[0].MayExclude(1));
    }

    [Fact]
    public void Clean_must_not_count_when_it_was_promised_for_another_term()
    {
        using EngineLab lab = new EngineLab().Formed();
        lab[1].Engine.PromiseClean("made safe");
        lab.Run(202);
        lab[1].Freeze();
        Assert.True(lab[0].Raise(0b10), lab[0].LastRefusal);
        Assert.False(lab[0].Raise(0b10));
    }

    [Fact]
    public void Nothing_must_be_taken_over_by_silence_before_the_start_wait_has_ended()
    {
        using EngineLab lab = new EngineLab().Formed();
        lab.Cut();
        lab.Run(5000);
        lab[0].Start();
        lab[0].Engine.SetClean();
        lab.Run(1999);
        Assert.False(lab[0].Raise(0b10));
        Assert.Contains("too recently", lab[0].LastRefusal, StringComparison.Ordinal);
        lab.Run(1);
        Assert.True(lab[0].Raise(0b10), lab[0].LastRefusal);
    }

    [Fact]
    public void Term_must_not_be_raised_while_unclean_leaving_stale_or_about_itself()
    {
        using EngineLab lab = new EngineLab().Formed();
        lab[1].Stop();
        lab.Run(3000);
        Assert.False(lab[0].Raise(0b10, expected: new Term(0, 0)));
        Assert.False(lab[0].Raise(0b11));
        Assert.False(lab[0].Raise(0b110));
        lab[0].Engine.SetUnclean("test");
        Assert.False(lab[0].Raise(0b10));
        lab[0].Engine.SetClean();
        lab[0].Engine.SetLeaving();
        Assert.False(lab[0].Raise(0b10));
    }

    [Fact]
    public void Silent_server_must_not_be_carried_into_the_new_term()
    {
        using EngineLab lab = new EngineLab(servers: 3).Formed();
        lab[1].Stop();
        lab[2].Stop();
        lab.Run(3000);
        Assert.False(lab[0].Raise(0b010));
        Assert.Contains("not excluded", lab[0].LastRefusal, StringComparison.Ordinal);
        Assert.True(lab[0].Raise(0b110), lab[0].LastRefusal);
    }

    [Fact]
    public void Third_server_must_go_on_when_the_raised_term_excludes_only_the_dead_one()
    {
        using EngineLab lab = new EngineLab(servers: 3).Formed();
        Assert.Equal(GrantState.Held, lab[2].Engine.Grant);
        lab[1].Stop();
        lab.Run(3000);
        lab[2].Notes.Clear();
        Assert.True(lab[0].Raise(0b010), lab[0].LastRefusal);
        lab.Run(500);
        Assert.Equal(new Term(2, 0), lab[2].Engine.Term);
        Assert.Equal(GrantState.Held, lab[2].Engine.Grant);
        Assert.DoesNotContain(lab[2].Notes, n => n.Kind == EngineNoteKind.Superseded);
        Assert.True(lab[0].Engine.MayStart);
    }

    [Fact]
    public void Third_server_must_be_superseded_when_it_missed_a_term_in_between()
    {
        using EngineLab lab = new EngineLab(servers: 3).Formed();
        lab.Link = (from, to, _) => from == 2 || to == 2 ? null : 1 * EngineLab.Ms;
        lab.Run(3000);
        Assert.True(lab[0].Raise(0b100), lab[0].LastRefusal);
        lab.Run(500);
        lab[1].Stop();
        lab.Run(3000);
        Assert.True(lab[0].Raise(0b110), lab[0].LastRefusal);
        lab.Heal();
        lab.Run(500);
        Assert.Contains(lab[2].Notes, n => n.Kind == EngineNoteKind.Superseded);
        Assert.Equal(lab[0].Engine.Term, lab[2].Engine.Term);
    }

    [Fact]
    public void Nothing_of_an_older_term_must_be_answered_after_the_term_was_raised()
    {
        using EngineLab lab = new EngineLab().Formed();
        Assert.NotEqual(default, lab[0].LastBeatTo(1).AnsweredIncarnation);
        lab.Cut();
        lab.Run(3000);
        Assert.True(lab[0].Raise(0b10));
        lab[1].AutoAdopt = false;
        lab.Heal();
        lab.Run(600);
        Beat beat = lab[0].LastBeatTo(1);
        Assert.Equal(default, beat.AnsweredIncarnation);
        Assert.Equal(0u, beat.VowMilliseconds);
        Assert.NotEqual(BeatRefusal.Forged, lab[0].Refusals[^1]);
        Assert.Equal(PeerState.Up, lab[0].StateOf(1));
    }

    [Fact]
    public void Excluded_server_must_get_no_answer_while_the_raise_is_being_stored()
    {
        using EngineLab lab = new EngineLab().Formed();
        lab[1].Stop();
        lab.Run(3000);
        RaiseDecision decision = lab[0].Engine.PrepareRaise(lab.Now, lab[0].Engine.Term, 0b10, 0);
        Assert.True(decision.Granted);
        lab[0].Pass();
        Assert.Equal(0u, lab[0].LastBeatTo(1).VowMilliseconds);
        Assert.Equal(new Term(1, 0), lab[0].LastBeatTo(1).Term);
        Assert.True(lab[0].Engine.CommitRaise(lab.Now));
    }

    [Fact]
    public void Raise_must_fail_when_the_excluded_server_is_heard_again_before_it_is_stored()
    {
        using EngineLab lab = new EngineLab().Formed();
        lab.Cut();
        lab.Run(3000);
        Assert.True(lab[0].Engine.PrepareRaise(lab.Now, lab[0].Engine.Term, 0b10, 0).Granted);
        lab.Heal();
        lab.Run(300);
        Assert.False(lab[0].Engine.CommitRaise(lab.Now));
        Assert.Equal(new Term(1, 0), lab[0].Engine.Term);
        lab.Run(300);
        Assert.Equal(2000u, lab[0].LastBeatTo(1).VowMilliseconds);
    }

    [Fact]
    public void Both_sides_must_meet_in_the_higher_term_when_both_took_over()
    {
        using EngineLab lab = new EngineLab().Formed();
        lab.Cut();
        lab.Run(3000);
        Assert.True(lab[0].Raise(0b10));
        Assert.True(lab[1].Raise(0b01));
        lab.Run(1000);
        Assert.True(lab[0].Engine.MayStart && lab[1].Engine.MayStart);
        lab.Heal();
        lab.Run(500);
        Assert.Equal(new Term(2, 1), lab[0].Engine.Term);
        Assert.Equal(new Term(2, 1), lab[1].Engine.Term);
        Assert.Contains(lab[0].Notes, n => n.Kind == EngineNoteKind.Superseded && n.Term == new Term(2, 1));
        Assert.DoesNotContain(lab[1].Notes, n => n.Kind == EngineNoteKind.Superseded);
    }

    [Fact]
    public void Superseded_server_must_beat_unclean_without_grant_until_the_adoption_is_committed()
    {
        using EngineLab lab = new EngineLab().Formed();
        lab[0].AutoAdopt = false;
        lab.Cut();
        lab.Run(3000);
        Assert.True(lab[1].Raise(0b01));
        lab.Heal();
        lab.Run(300);
        Assert.Equal(GrantState.Ended, lab[0].Engine.Grant);
        Assert.Equal(0, lab[0].Engine.GrantDeadline);
        Assert.Equal(0, lab[0].Engine.EndPass());
        Assert.Equal(GuardianFlags.Unclean, lab[0].LastBeatTo(1).Flags);
        Assert.False(lab[0].Raise(0b10));
        Assert.False(lab[0].Engine.CommitAdoption(lab[1].Engine.Term, everythingEnded: false));
        Assert.Equal(GrantState.Ended, lab[0].Engine.Grant);
        Assert.True(lab[0].Engine.CommitAdoption(lab[1].Engine.Term, everythingEnded: true));
        lab.Run(500);
        Assert.Equal(GrantState.Held, lab[0].Engine.Grant);
        Assert.Equal(GuardianFlags.None, lab[0].LastBeatTo(1).Flags);
    }

    /// <summary>Who of those that the term excluded has adopted it since then and runs groups in it, the new life cannot know.</summary>
    [Fact]
    public void Life_that_lost_its_terms_must_start_nothing_in_one_that_an_earlier_life_raised()
    {
        using EngineLab lab = new EngineLab(servers: 3).Formed();
        lab.CutBetween([0, 1], [2]);
        lab.Run(3000);
        Assert.True(lab[0].Raise(0b100), lab[0].LastRefusal);
        lab.Run(1000);
        Term raised = lab[0].Engine.Term;
        Assert.Equal(0, raised.ServerIndex);

        lab[0].Stop();
        lab[0].Stored = default;
        lab.Run(100);
        lab[0].Start();
        lab[0].Engine.SetClean();
        lab.Run(1000);
        Assert.Equal(raised, lab[0].Engine.Term);
        Assert.False(lab[0].Engine.MayStart);
        Assert.Equal(GuardianFlags.DownAndClean, lab[0].LastBeatTo(1).Flags);
        Assert.True(lab[1].Engine.MayStart);
    }

    [Fact]
    public void Two_live_servers_that_raise_at_once_must_not_both_start()
    {
        using var lab = new EngineLab();
        foreach (EngineLab.Node node in lab.Nodes)
        {
            node.Start();
            node.Engine.SetClean();
        }

        lab.Run(1000);
        Assert.True(lab[0].Raise(0b10), lab[0].LastRefusal);
        Assert.True(lab[1].Raise(0), lab[1].LastRefusal);
        lab[0].Pass();
        lab[1].Pass();
        Assert.False(lab[0].Engine.MayStart);
        Assert.False(lab[1].Engine.MayStart);
        lab.Run(500);
        Assert.Equal(new Term(1, 1), lab[0].Engine.Term);
        Assert.True(lab[1].Engine.MayStart);
    }

    [Fact]
    public void Restarted_server_must_start_nothing_in_the_stored_term()
    {
        using EngineLab lab = new EngineLab().Formed();
        lab[1].Start();
        lab[1].Engine.SetClean();
        lab.Run(1000);
        Assert.Equal(lab[0].Engine.Term, lab[1].Engine.Term);
        Assert.False(lab[1].Engine.MayStart);
        Assert.Equal(GuardianFlags.DownAndClean, lab[1].Engine.Flags);
        Assert.True(lab[1].Raise(0));
        lab.Run(500);
        Assert.True(lab[1].Engine.MayStart);
        Assert.True(lab[0].Engine.MayStart);
        Assert.DoesNotContain(lab[0].Notes, n => n.Kind == EngineNoteKind.Superseded);
    }

    [Fact]
    public void Unclean_server_must_give_no_vow()
    {
        using var lab = new EngineLab();
        lab[0].Start();
        lab[1].Start();
        lab.Run(1000);
        Assert.Equal(0u, lab[0].LastBeatTo(1).VowMilliseconds);
        Assert.Equal(GuardianFlags.Unclean, lab[0].LastBeatTo(1).Flags);
        lab[0].Engine.SetClean();
        lab.Run(300);
        Assert.Equal(2000u, lab[0].LastBeatTo(1).VowMilliseconds);
    }

    [Fact]
    public void Vow_given_under_a_longer_timeout_must_be_kept_when_the_timeout_is_shortened()
    {
        using EngineLab lab = new EngineLab().Formed();
        lab.Run(200);
        lab.Cut();
        lab[0].Settings = EngineLab.Settings(0, 2, 1, PartitionPolicy.TakeOver, 50, 300, 275);
        lab[0].Engine.Apply(lab[0].Settings);
        lab.Run(1500);
        Assert.False(lab[0].Raise(0b10));
        Assert.Contains("vow", lab[0].LastRefusal, StringComparison.Ordinal);
        lab.Run(500);
        Assert.True(lab[0].Raise(0b10), lab[0].LastRefusal);
    }
}
