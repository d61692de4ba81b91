using ClusterActors.Heartbeats.Engine;
using ClusterActors.Model;
using ClusterActors.Model.Guardian;
using ClusterActors.Model.Voting;

namespace ClusterActors.Heartbeats.Tests;

/// <summary>The server's side of the witness protocol, against the real voter.</summary>
public sealed class WitnessTests
{
    private const long Ms = EngineLab.Ms;

    [Fact]
    public void Store_must_be_taken_and_remembered_once_all_servers_see_each_other()
    {
        using EngineLab lab = EngineLab.Voting().Formed();
        Assert.Equal(lab.Witness!.Store.StoreId, lab[0].Record.WitnessStore);
        Assert.Equal(lab.Witness.Store.StoreId, lab[1].Record.WitnessStore);
        Assert.Equal(0b11u, lab[0].Engine.Registered);
        Assert.Equal(lab.Witness.Store.Epoch, lab[0].Record.WitnessEpoch);
    }

    [Fact]
    public void Witness_with_an_empty_store_must_give_nothing_to_a_server_that_does_not_see_its_peer()
    {
        using EngineLab lab = EngineLab.Voting().Formed();
        lab.Run(1500);
        lab.CutBetween([0], [1]);
        lab.Run(1500);
        Assert.Equal(GrantState.Held, lab[0].Engine.Grant);
        lab.Witness!.StartEmpty(lab.Now);
        lab.Run(4000);
        Assert.NotEqual(GrantState.Held, lab[0].Engine.Grant);
        Assert.NotEqual(GrantState.Held, lab[1].Engine.Grant);
        Assert.True(lab[1].Ask(0b01), lab[1].LastRefusal);
        lab.Run(1000);
        Assert.Equal(new Term(1, 0), lab[1].Engine.Term);
        Assert.Contains("its store is new or old", lab[1].Notes.Last(note => note.Kind == EngineNoteKind.CandidacyLost).Reason, StringComparison.Ordinal);

        // Once they see each other both take the new store and register.
        lab.Heal();
        lab.Run(3000);
        Assert.Equal(lab.Witness.Store.StoreId, lab[1].Record.WitnessStore);
        lab.CutBetween([0], [1]);
        lab.Run(5000);
        Assert.Equal(GrantState.Held, lab[0].Engine.Grant);
        Assert.Equal(HeartbeatEngine.ArbiterVoter, lab[0].Engine.GrantVoter);
    }

    [Fact]
    public void Witness_set_back_must_not_bring_the_old_owner_back()
    {
        using EngineLab lab = EngineLab.Voting().Formed();
        lab.Run(2000);
        WitnessRecord old = lab.Witness!.Store;
        lab.CutBetween([0], [1, EngineLab.WitnessNode]);
        lab.Run(2400);
        Assert.True(lab[1].Ask(0b01), lab[1].LastRefusal);
        lab.Run(100);
        Assert.Equal(new Term(2, 1), lab[1].Engine.Term);
        lab.Run(1000);
        lab.Witness.Start(lab.Now, old);
        lab.CutBetween([0], [1]);
        for (int i = 0; i < 500; i++)
        {
            lab.Run(20);
            bool oldRuns = lab[0].Engine.Grant == GrantState.Held;
            bool newRuns = lab[1].Engine.Grant == GrantState.Held;
            Assert.False(oldRuns && newRuns);
        }

        lab.Heal();
        lab.Run(5000);
        Assert.Equal(new Term(2, 1), lab[0].Engine.Term);
        Assert.Equal(GrantState.Held, lab[1].Engine.Grant);
    }

    [Fact]
    public void Answer_with_an_older_epoch_must_give_neither_vow_nor_vote()
    {
        using EngineLab lab = EngineLab.Voting().Formed();
        lab.Run(1000);
        WitnessAnswer answer = Newest(lab, 0);
        lab.CutBetween([0], [1, EngineLab.WitnessNode]);
        lab.Run(1000);
        long deadline = lab[0].Engine.GrantDeadline;
        answer.Sequence = lab[0].LastBeatTo(1).Sequence;
        answer.Epoch--;
        Inject(lab, 0, answer);
        lab.Run(10);
        lab[0].Pass();
        Assert.Equal(deadline, lab[0].Engine.GrantDeadline);
        answer.Epoch++;
        answer.Sequence = lab[0].LastBeatTo(1).Sequence;
        Inject(lab, 0, answer);
        lab.Run(10);
        lab[0].Pass();
        Assert.True(lab[0].Engine.GrantDeadline > deadline);
    }

    /// <summary>A store that was set back while this server was down must not be taken for the one it knew.</summary>
    [Fact]
    public void Epoch_of_the_witness_must_be_known_again_after_a_restart()
    {
        using EngineLab lab = EngineLab.Voting().Formed();
        lab.Run(1000);
        ulong epoch = lab[0].Record.WitnessEpoch;
        Assert.True(epoch > 0);
        lab[0].Start();
        lab[0].Engine.SetClean();

        // Its requests are answered, and the answers stay under way.
        lab.Link = (from, to, _) => from == EngineLab.WitnessNode && to == 0 ? 100_000 * Ms : from == EngineLab.WitnessNode || to == EngineLab.WitnessNode ? Ms : null;
        lab.Run(500);
        WitnessAnswer answer = Newest(lab, 0);
        Assert.Equal(0u, lab[0].Engine.Registered);
        answer.Epoch = epoch - 1;
        answer.Registered = 0b11;
        Inject(lab, 0, answer);
        lab.Run(10);
        Assert.Equal(0u, lab[0].Engine.Registered);
        answer.Epoch = epoch;
        Inject(lab, 0, answer);
        lab.Run(10);
        Assert.Equal(0b11u, lab[0].Engine.Registered);
    }

    [Fact]
    public void Answer_that_was_overtaken_must_change_nothing_even_with_an_older_epoch()
    {
        using EngineLab lab = EngineLab.Voting().Formed();
        lab.Run(1000);
        WitnessAnswer late = Newest(lab, 0);
        lab.Run(400);
        VotingRecord record = lab[0].Record;
        late.Epoch--;
        Inject(lab, 0, late);
        lab.Run(1);
        late.StoreId = Guid.NewGuid();
        Inject(lab, 0, late);
        lab.Run(1);
        Assert.Same(record, lab[0].Record);
    }

    [Fact]
    public void Late_duplicate_of_a_vote_must_not_count_for_a_later_candidacy_nor_another_life()
    {
        using EngineLab lab = EngineLab.Voting().Formed();
        lab.Run(2000);
        lab.CutBetween([0], [1, EngineLab.WitnessNode]);
        lab.Run(2400);
        lab[1].AutoCommit = false;
        Assert.True(lab[1].Ask(0b01), lab[1].LastRefusal);
        lab.Run(50);
        Assert.Contains(lab[1].Notes, n => n.Kind == EngineNoteKind.CandidacyWon);
        byte[] vote = lab.WitnessAnswers.Last(a => a.To == 1).Bytes;
        lab[1].Engine.AbandonRaise();
        lab.Run(300);
        lab.Witness!.Stop();
        int won = lab[1].Notes.Count(n => n.Kind == EngineNoteKind.CandidacyWon);
        Assert.True(lab[1].Ask(0b01), lab[1].LastRefusal);
        lab.InjectFromWitness(1, vote);
        lab.Run(500);
        Assert.Equal(won, lab[1].Notes.Count(n => n.Kind == EngineNoteKind.CandidacyWon));
        lab[1].Start();
        lab[1].Engine.SetClean();
        lab.Run(2300);
        Assert.True(lab[1].Ask(0b01), lab[1].LastRefusal);
        lab.InjectFromWitness(1, vote);
        lab.Run(500);
        Assert.Equal(won, lab[1].Notes.Count(n => n.Kind == EngineNoteKind.CandidacyWon));
        Assert.Equal(new Term(1, 0), lab[1].Engine.Term);
    }

    [Fact]
    public void Refused_vote_must_be_asked_for_again_when_the_witness_says_so_not_an_interval_later()
    {
        using EngineLab lab = EngineLab.Voting().Formed();
        lab.Run(2000);

        // The witness hears the owner a little longer than the standby does.
        lab.CutBetween([0], [1]);
        lab.Run(130);
        lab[0].Freeze();
        long frozen = lab.Now;
        lab.Run(2000);
        while (!lab[1].Ask(0b01) && lab.Now < frozen + (2500 * Ms))
            lab.Run(5);
        lab.Run(260);
        Assert.Equal(new Term(2, 1), lab[1].Engine.Term);
        Assert.Contains(lab.Witness!.Verdicts, v => v == (1, WitnessVerdict.Vote));
    }

    [Fact]
    public void Server_that_runs_nothing_must_ask_for_no_vow_so_that_one_of_two_booted_apart_can_start()
    {
        using EngineLab lab = EngineLab.Voting().Formed();
        lab.Run(1000);
        foreach (EngineLab.Node node in lab.Nodes)
            node.Stop();
        lab.Run(3000);
        lab.CutBetween([0], [1]);
        foreach (EngineLab.Node node in lab.Nodes)
        {
            node.Start();
            node.Engine.SetClean();
        }

        lab.Run(4500);
        Assert.True(lab[1].Ask(0b01), lab[1].LastRefusal);
        lab.Run(1000);
        Assert.True(lab[1].Engine.MayStart);
        Assert.True(lab[0].Ask(0b10) is var asked && asked);
        lab.Run(1000);
        Assert.False(lab[0].Engine.MayStart);
    }

    [Fact]
    public void Restarted_witness_must_not_cost_a_healthy_pair_anything()
    {
        using EngineLab lab = EngineLab.Voting().Formed();
        lab.Run(1000);
        lab.Witness!.Stop();
        lab.Run(3000);
        lab.Witness.Start(lab.Now);
        lab.Run(6000);
        Assert.DoesNotContain(lab[0].Notes, n => n.Kind == EngineNoteKind.StandDown);
        Assert.Equal(GrantState.Held, lab[0].Engine.Grant);
        lab[1].Stop();
        lab.Run(5000);
        Assert.Equal(GrantState.Held, lab[0].Engine.Grant);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void One_way_loss_at_heal_time_must_not_make_two_owners(bool oldOwnerHears)
    {
        using EngineLab lab = EngineLab.Voting().Formed();
        lab.Run(2000);
        lab.CutBetween([0], [1, EngineLab.WitnessNode]);
        lab.Run(2400);
        Assert.True(lab[1].Ask(0b01), lab[1].LastRefusal);
        lab.Run(100);
        Assert.True(lab[1].Engine.MayStart);
        lab.Link = (from, to, _) => (from, to) == (oldOwnerHears ? 0 : 1, oldOwnerHears ? 1 : 0) ? null : Ms;
        for (int i = 0; i < 200; i++)
        {
            lab.Run(20);
            Assert.False(lab[0].Engine.MayStart && lab[1].Engine.Grant == GrantState.Held && lab[0].Engine.Term != lab[1].Engine.Term);
        }

        if (oldOwnerHears)
            Assert.Equal(new Term(2, 1), lab[0].Engine.Term);
        Assert.Equal(GrantState.Held, lab[1].Engine.Grant);
    }

    [Fact]
    public void Forged_answers_and_answers_for_others_must_be_refused()
    {
        using EngineLab lab = EngineLab.Voting().Formed();
        byte[] answer = lab.WitnessAnswers.Last(a => a.To == 0).Bytes;
        Assert.Equal(WitnessRefusal.NotForUs, lab[1].Engine.OnWitnessDatagram(lab.Now, answer));
        for (int i = 0; i < answer.Length; i++)
        {
            answer[i] ^= 1;
            Assert.NotEqual(WitnessRefusal.None, lab[0].Engine.OnWitnessDatagram(lab.Now, answer));
            answer[i] ^= 1;
        }

        Assert.Equal(WitnessRefusal.None, lab[0].Engine.OnWitnessDatagram(lab.Now, answer));
    }

    private static WitnessAnswer Newest(EngineLab lab, int server)
    {
        using var codec = new WitnessCodec(lab[0].Settings.ClusterId, lab[0].Settings.Key);
        Assert.Equal(WitnessRefusal.None, codec.Read(lab.WitnessAnswers.Last(a => a.To == server).Bytes, (byte)server, out WitnessAnswer answer));
        return answer;
    }

    private static void Inject(EngineLab lab, int server, WitnessAnswer answer)
    {
        using var codec = new WitnessCodec(lab[0].Settings.ClusterId, lab[0].Settings.Key);
        var bytes = new byte[WitnessCodec.AnswerSize];
        codec.Write(in answer, bytes);
        lab.InjectFromWitness(server, bytes);
    }
}
