using ClusterActors.Heartbeats.Engine;
using ClusterActors.Heartbeats.Lan;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Heartbeats.Tests;

public sealed class ReceivingTests
{
    [Fact]
    public void Beat_must_be_refused_when_it_is_replayed()
    {
        using EngineLab lab = new EngineLab().Formed();
        byte[] old = lab[1].Sent[^3].Bytes;
        lab[0].Refusals.Clear();
        lab.Inject(0, 0, old);
        lab.Inject(0, 0, lab[1].Sent[^1].Bytes);
        lab.Run(1);
        Assert.Equal([BeatRefusal.Replayed, BeatRefusal.Replayed], lab[0].Refusals);
    }

    [Fact]
    public void Older_incarnation_must_never_be_accepted_again_when_a_later_one_was_heard()
    {
        using EngineLab lab = new EngineLab().Formed();
        lab[1].Start();
        lab[1].Engine.SetClean();
        byte[] heldBack = lab[1].Sent[^1].Bytes;
        lab.Run(500);
        lab[0].Refusals.Clear();
        lab[1].Start(counter: 1);
        lab.Run(1000);
        Assert.All(lab[0].Refusals, r => Assert.Equal(BeatRefusal.OlderIncarnation, r));
        Assert.NotEmpty(lab[0].Refusals);
        lab.Inject(0, 0, heldBack);
        lab.Run(1);
        Assert.NotEqual(BeatRefusal.None, lab[0].Refusals[^1]);
    }

    [Fact]
    public void Set_back_start_counter_must_be_reported_when_a_peer_answers_a_later_life()
    {
        using EngineLab lab = new EngineLab().Formed();
        lab[1].Start(counter: 10);
        lab.Run(500);
        lab[1].Start(counter: 3);
        lab.Run(500);
        EngineNote note = Assert.Single(lab[1].Notes, n => n.Kind == EngineNoteKind.OwnIncarnationBehind);
        Assert.Equal(10, note.Nanoseconds);
    }

    /// <summary>Found by simulation: a server whose state was set back by one start was never heard again.</summary>
    [Fact]
    public void Set_back_start_counter_must_be_reported_when_a_peer_answers_another_boot_of_the_same_count()
    {
        using EngineLab lab = new EngineLab().Formed();
        lab[1].Start(counter: 10);
        lab.Run(500);
        lab[1].Start(counter: 10, boot: 99);
        lab.Run(500);
        EngineNote note = Assert.Single(lab[1].Notes, n => n.Kind == EngineNoteKind.OwnIncarnationBehind);
        Assert.Equal(10, note.Nanoseconds);
    }

    /// <summary>Found by simulation: whoever is in a higher term answers nothing to an older one, so the server never learned why it was not heard.</summary>
    [Fact]
    public void Set_back_start_counter_must_be_reported_when_the_peer_has_raised_the_term()
    {
        using EngineLab lab = new EngineLab().Formed();
        lab[1].Start(counter: 10);
        lab[1].Engine.SetClean();
        lab.Run(500);
        lab[1].Stop();
        lab.Run(3000);
        Assert.True(lab[0].Raise(excluded: 0b10), lab[0].LastRefusal);
        lab[1].Start(counter: 3);
        lab.Run(1000);
        EngineNote note = Assert.Single(lab[1].Notes, n => n.Kind == EngineNoteKind.OwnIncarnationBehind);
        Assert.Equal(10, note.Nanoseconds);
    }

    [Fact]
    public void Naming_a_later_life_must_be_no_answer()
    {
        using EngineLab lab = new EngineLab().Formed();
        byte[] heldBack = lab[1].Sent.Last(s => s.To == 0).Bytes;
        lab[1].Start(counter: 10);
        lab[1].Engine.SetClean();
        lab.Run(500);
        lab[1].Stop();
        lab.Run(3000);
        Assert.True(lab[0].Raise(excluded: 0b10), lab[0].LastRefusal);
        lab.Inject(0, 0, heldBack);
        lab.Run(1000);
        Beat beat = lab[0].LastBeatTo(1);
        Assert.Equal(10u, beat.AnsweredIncarnation.StartCounter);
        Assert.Equal((0ul, 0u), (beat.AnsweredSequence, beat.VowMilliseconds));
    }

    [Fact]
    public void Same_counter_of_another_boot_must_be_refused()
    {
        using EngineLab lab = new EngineLab().Formed();
        lab[0].Refusals.Clear();
        lab[1].Start(counter: 1, boot: 99);
        lab.Run(300);
        Assert.All(lab[0].Refusals, r => Assert.Equal(BeatRefusal.OlderIncarnation, r));
    }

    [Fact]
    public void Same_pass_must_count_on_each_network_when_there_are_two()
    {
        using EngineLab lab = new EngineLab(networks: 2).Formed();
        Assert.All(lab[0].Refusals, r => Assert.Equal(BeatRefusal.None, r));
        Assert.Equal(ChannelState.Up, lab[0].Engine.ChannelOf(1, 0));
        Assert.Equal(ChannelState.Up, lab[0].Engine.ChannelOf(1, 1));
        Assert.Equal(0, lab[0].Engine.Counters.Missed);
    }

    [Fact]
    public void Older_statement_of_a_slower_network_must_not_replace_the_newer_one()
    {
        using EngineLab lab = new EngineLab(networks: 2).Formed();
        lab.Link = (from, _, network) => from == 1 && network == 1 ? 900 * EngineLab.Ms : 1 * EngineLab.Ms;
        lab.Run(3000);
        lab[1].Engine.PromiseClean("test");
        lab.Run(450);
        Assert.Equal(GuardianFlags.DownAndClean, lab[0].Engine.View(1, lab.Now).Flags);
        Assert.All(lab[0].Notes.Where(n => n.Kind == EngineNoteKind.Peer).TakeLast(1), n => Assert.Equal(GuardianFlags.DownAndClean, n.Peer.Flags));
        lab.Run(300);
        Assert.Equal(GuardianFlags.DownAndClean, lab[0].Engine.View(1, lab.Now).Flags);
    }

    [Fact]
    public void Lost_beats_must_be_counted()
    {
        using EngineLab lab = new EngineLab().Formed();
        lab.Cut();
        lab.Run(1000);
        lab.Heal();
        lab.Run(300);
        Assert.Equal(5, lab[0].Engine.Counters.Missed);
    }

    [Fact]
    public void One_way_loss_must_show_in_the_matrix_of_both_servers()
    {
        using EngineLab lab = new EngineLab(networks: 2).Formed();
        lab.Link = (from, _, network) => from == 1 && network == 0 ? null : 1 * EngineLab.Ms;
        lab.Run(3000);
        Assert.Equal(ChannelState.Down, lab[0].Engine.ChannelOf(1, 0));
        Assert.Equal(ChannelState.Up, lab[1].Engine.ChannelOf(0, 0));
        Assert.Equal(0b10, lab[1].Engine.HeardBy(0, 1));
        Assert.Equal(0b11, lab[0].Engine.HeardBy(1, 0));
        Assert.Contains(lab[1].Notes, n => n.Kind == EngineNoteKind.Channel && n.Hearer == 0 && n.Server == 1 && n.Network == 0 && n.Channel == ChannelState.Down);
        Assert.Equal(PeerState.Suspected, lab[0].StateOf(1));
        Assert.Equal(PeerState.Up, lab[1].StateOf(0));
    }

    [Fact]
    public void A_pass_and_a_beat_must_allocate_nothing_once_warm()
    {
        using EngineLab lab = new EngineLab().Formed();
        HeartbeatEngine a = lab[0].Engine;
        HeartbeatEngine b = lab[1].Engine;
        var wire = new byte[BeatCodec.Size];
        long now = lab.Now;
        long before = 0;
        for (int i = 0; i < 300; i++)
        {
            if (i == 100)
                before = GC.GetAllocatedBytesForCurrentThread();
            now += 200 * EngineLab.Ms;
            a.BeginPass(now);
            int size = a.WriteBeat(1, 0, wire);
            a.EndPass();
            b.OnDatagram(now, now, 0, wire.AsSpan(0, size));
            b.OnTick(now);
            b.NextChange();
            b.BeginPass(now);
            size = b.WriteBeat(0, 0, wire);
            b.EndPass();
            a.OnDatagram(now, now, 0, wire.AsSpan(0, size));
            a.OnTick(now);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
