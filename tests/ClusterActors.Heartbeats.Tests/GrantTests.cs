using ClusterActors.Heartbeats.Engine;
using ClusterActors.Model;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Heartbeats.Tests;

public sealed class GrantTests
{
    [Fact]
    public void Grant_must_end_L_after_the_time_read_before_the_send()
    {
        using EngineLab lab = new EngineLab().Formed();
        long before = lab.Now + (150 * EngineLab.Ms);
        lab[0].Engine.OnTick(before);
        lab[0].Engine.BeginPass(before);
        Assert.Equal(before + (1970 * EngineLab.Ms), lab[0].Engine.EndPass());
    }

    [Fact]
    public void Grant_must_not_depend_on_the_peer_when_the_policy_is_take_over()
    {
        using EngineLab lab = new EngineLab().Formed();
        lab[1].Stop();
        lab.Run(30_000);
        Assert.Equal(GrantState.Held, lab[0].Engine.Grant);
        Assert.True(lab[0].Engine.GrantDeadline > lab.Now);
    }

    [Fact]
    public void Grant_must_not_be_given_before_a_term_was_raised_in_this_life()
    {
        using var lab = new EngineLab(servers: 1);
        lab[0].Start();
        lab.Run(500);
        Assert.Equal(GrantState.None, lab[0].Engine.Grant);
        lab[0].Engine.SetClean();
        lab.Run(500);
        Assert.False(lab[0].Engine.MayStart);
        Assert.True(lab[0].Raise(0));
        lab.Run(1);
        Assert.True(lab[0].Engine.MayStart);
    }

    [Fact]
    public void Grant_must_expire_when_the_loop_stood_still_and_return_after_an_answer_to_a_later_beat()
    {
        using EngineLab lab = new EngineLab().Formed();
        lab[0].Freeze();
        lab.Run(1990);
        lab[0].Thaw();
        lab[0].Wake();
        Assert.Equal(GrantState.Expired, lab[0].Engine.Grant);
        Assert.Equal(0, lab[0].Engine.GrantDeadline);
        Assert.False(lab[0].Engine.MayStart);

        // Answers to beats from before the expiry arrive first and must not count.
        lab.Run(190);
        Assert.Equal(GrantState.Expired, lab[0].Engine.Grant);
        lab.Run(420);
        Assert.Equal(GrantState.Held, lab[0].Engine.Grant);
        EngineNote note = lab[0].Notes.Last(n => n.Kind == EngineNoteKind.Grant);
        Assert.Contains("answered", note.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Grant_must_not_expire_when_the_loop_is_late_but_inside_it()
    {
        using EngineLab lab = new EngineLab().Formed();
        lab.Run(200);
        long deadline = lab[0].Engine.GrantDeadline;
        long justInside = deadline - 1;
        lab[0].Engine.OnTick(justInside);
        lab[0].Engine.BeginPass(justInside);
        Assert.Equal(justInside + (1970 * EngineLab.Ms), lab[0].Engine.EndPass());
        long atTheEnd = lab[0].Engine.GrantDeadline;
        lab[0].Engine.OnTick(atTheEnd);
        lab[0].Engine.BeginPass(atTheEnd);
        Assert.Equal(0, lab[0].Engine.EndPass());
    }

    [Fact]
    public void Grant_must_return_aloud_after_the_timeout_when_no_peer_is_up()
    {
        using EngineLab lab = new EngineLab().Formed();
        lab[1].Stop();
        lab[0].Freeze();
        lab.Run(5000);
        lab[0].Thaw();
        lab.Run(1900);
        Assert.Equal(GrantState.Expired, lab[0].Engine.Grant);
        lab.Run(300);
        Assert.Equal(GrantState.Held, lab[0].Engine.Grant);
        Assert.Contains(lab[0].Notes, n => n.Kind == EngineNoteKind.Grant && n.Reason.Contains("no peer was heard", StringComparison.Ordinal));
    }

    [Fact]
    public void Thawed_server_must_be_superseded_not_armed_again_when_the_peer_took_over_meanwhile()
    {
        using EngineLab lab = new EngineLab().Formed();
        lab[0].AutoAdopt = false;
        lab[0].Freeze();
        lab.Run(2500);
        Assert.True(lab[1].Raise(0b01), lab[1].LastRefusal);
        lab.Run(300);
        lab[0].Thaw();
        lab.Run(5000);
        Assert.Equal(GrantState.Ended, lab[0].Engine.Grant);
        Assert.DoesNotContain(lab[0].Notes.SkipWhile(n => n.Kind != EngineNoteKind.Stall), n => n is { Kind: EngineNoteKind.Grant, Grant: GrantState.Held });
    }

    [Fact]
    public void Grant_must_end_for_the_term_when_the_server_was_made_safe()
    {
        using EngineLab lab = new EngineLab().Formed();
        lab[0].Engine.PromiseClean("made safe");
        lab.Run(5000);
        Assert.Equal(GrantState.Ended, lab[0].Engine.Grant);
        Assert.True(lab[0].Raise(0));
        lab.Run(500);
        Assert.True(lab[0].Engine.MayStart);
    }

    [Fact]
    public void Lost_lease_must_end_the_grant_until_it_is_revalidated()
    {
        using EngineLab lab = new EngineLab().Formed();
        lab[0].Engine.LeaseLost(lab.Now);
        Assert.Equal(GrantState.Expired, lab[0].Engine.Grant);
        lab.Run(700);
        Assert.Equal(GrantState.Held, lab[0].Engine.Grant);
    }
}
