using ClusterActors.Heartbeats.Engine;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Heartbeats.Tests;

/// <summary>A pair that has lost its arbiter.</summary>
public sealed class HoldPromiseTests
{
    [Fact]
    public void Pair_without_its_arbiter_must_promise_and_then_outlive_the_loss_of_either_server_without_takeover()
    {
        using EngineLab lab = WithoutArbiter(12_000);
        Assert.True(lab[0].Engine.Relying);
        Assert.True(lab[1].Engine.Relying);
        Assert.True(lab[0].Record.HoldPromise);
        lab[1].Stop();
        lab.Run(60_000);
        Assert.Equal(GrantState.Held, lab[0].Engine.Grant);
        Assert.Equal(HeartbeatEngine.NoVoter, lab[0].Engine.GrantVoter);
        Assert.DoesNotContain(lab[0].Notes, n => n.Kind == EngineNoteKind.StandDown);
    }

    [Fact]
    public void Server_that_promised_must_not_take_over_by_verdict_but_by_fence()
    {
        using EngineLab lab = WithoutArbiter(12_000);
        lab[0].Stop();
        lab.Run(5000);
        Assert.False(lab[1].MayExclude(0));
        Assert.False(lab[1].Ask(0b01));
        Assert.Contains("promised", lab[1].LastRefusal, StringComparison.Ordinal);

        // The arbiter's return alone lifts nothing: the other one has not been met.
        lab.Witness!.Start(lab.Now, continuous: true);
        lab.Run(5000);
        Assert.False(lab[1].Ask(0b01));
        Assert.True(lab[1].Raise(0b01, confirmed: 0b01), lab[1].LastRefusal);
    }

    [Fact]
    public void Nothing_must_be_promised_while_the_peer_is_not_seen()
    {
        using EngineLab lab = EngineLab.Voting().Formed();
        lab.Witness!.Stop();
        lab.Run(5000);
        lab[1].Stop();
        lab.Run(20_000);
        Assert.False(lab[0].Engine.HoldPromise);
        Assert.NotEqual(GrantState.Held, lab[0].Engine.Grant);
    }

    [Fact]
    public void Promise_must_be_durable_before_it_is_shown_and_relied_on()
    {
        using EngineLab lab = EngineLab.Voting().Formed();
        lab[0].AutoRecord = false;
        lab.Witness!.Stop();
        lab.Run(13_000);
        Assert.True(lab[0].Engine.HoldPromise);
        Assert.Equal(GuardianFlags.None, lab[0].LastBeatTo(1).Flags & GuardianFlags.HoldPromise);
        Assert.False(lab[1].Engine.Relying);
        lab[0].StoreRecord();
        lab.Run(500);
        Assert.True(lab[1].Engine.Relying);
    }

    [Fact]
    public void Promise_must_outlive_a_restart_and_a_lost_record_must_count_as_one()
    {
        using EngineLab lab = WithoutArbiter(12_000);
        lab[1].Start();
        Assert.True(lab[1].Engine.HoldPromise);
        lab[1].Record = VotingRecord.Lost;
        lab[1].Start();
        Assert.True(lab[1].Engine.HoldPromise);
        lab[1].Engine.SetClean();
        lab[0].Stop();
        lab.Run(5000);
        Assert.False(lab[1].Ask(0b01));
    }

    [Fact]
    public void Promises_must_be_lifted_when_all_have_met_again_and_then_takeovers_are_possible()
    {
        using EngineLab lab = WithoutArbiter(12_000);
        lab.Witness!.Start(lab.Now, continuous: true);
        lab.Run(5000);
        foreach (EngineLab.Node node in lab.Nodes)
        {
            Assert.False(node.Engine.Relying);
            Assert.False(node.Engine.HoldPromise);
            Assert.False(node.Record.HoldPromise);
            Assert.Equal(GrantState.Held, node.Engine.Grant);
            Assert.DoesNotContain(node.Notes, n => n.Kind == EngineNoteKind.StandDown);
        }

        lab[0].Stop();
        lab.Run(2300);
        Assert.True(lab[1].Ask(0b01), lab[1].LastRefusal);
        lab.Run(200);
        Assert.Equal(1, lab[1].Engine.Term.ServerIndex);
    }

    [Fact]
    public void Promise_must_be_kept_while_the_peer_still_relies_on_it()
    {
        using EngineLab lab = WithoutArbiter(12_000);
        lab.CutBetween([0], [EngineLab.WitnessNode]);
        lab.Witness!.Start(lab.Now, continuous: true);
        lab.Run(10_000);
        Assert.True(lab[0].Engine.Relying);
        Assert.False(lab[1].Engine.Relying);
        Assert.True(lab[1].Engine.HoldPromise);
        lab[1].Stop();
        lab.Run(10_000);
        Assert.Equal(GrantState.Held, lab[0].Engine.Grant);
    }

    [Fact]
    public void Promise_must_not_be_lifted_before_the_peer_has_answered_a_message_that_did_not_show_it()
    {
        using EngineLab lab = WithoutArbiter(12_000);

        // The witness is back, and server 2 hears server 1 but not the other way round: server 1's new messages arrive, no answer to them comes back.
        lab.Witness!.Start(lab.Now, continuous: true);
        for (int i = 0; i < 1000 && (lab[0].Engine.Relying || lab[1].Engine.Relying); i++)
            lab.Run(1);
        Assert.True(lab[0].Engine.HoldPromise);
        lab.Link = (from, to, _) => from == 0 && to == 1 ? null : EngineLab.Ms;
        lab.Run(10_000);
        Assert.True(lab[0].Engine.HoldPromise);
        Assert.True(lab[0].Record.HoldPromise);
    }

    [Fact]
    public void Four_servers_must_promise_nothing_since_a_majority_remains_without_the_arbiter()
    {
        using EngineLab lab = EngineLab.Voting(4).Formed();
        lab.Witness!.Stop();
        lab.Run(20_000);
        Assert.All(lab.Nodes, n => Assert.False(n.Engine.HoldPromise));
        lab[0].Stop();
        lab.Run(2300);
        Assert.True(lab[1].Ask(0b0001), lab[1].LastRefusal);
        lab.Run(500);
        Assert.Equal(1, lab[3].Engine.Term.ServerIndex);
        Assert.True(lab[3].Engine.MayStart);
    }

    private static EngineLab WithoutArbiter(long milliseconds)
    {
        EngineLab lab = EngineLab.Voting().Formed();
        lab.Run(2000);
        lab.Witness!.Stop();
        lab.Run(milliseconds);
        return lab;
    }
}
