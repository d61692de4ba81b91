using ClusterActors.Heartbeats.Engine;
using ClusterActors.Model;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Heartbeats.Tests;

public sealed class StateTests
{
    [Fact]
    public void Channel_must_be_late_at_half_the_timeout_and_down_at_the_timeout()
    {
        using EngineLab lab = new EngineLab().Formed();
        long last = lab.Now - lab[0].Engine.ChannelSilence(1, 0, lab.Now);
        lab.Cut();
        lab.Run(2500);
        long AgeAt(ChannelState state) => lab[0].Notes.Last(n => n.Kind == EngineNoteKind.Channel && n.Hearer == 0 && n.Channel == state).Nanoseconds;
        Assert.Equal(1000 * EngineLab.Ms, AgeAt(ChannelState.Late));
        Assert.Equal(2000 * EngineLab.Ms, AgeAt(ChannelState.Down));
        PeerView down = lab[0].Notes.Last(n => n.Kind == EngineNoteKind.Peer).Peer;
        Assert.Equal(PeerState.Down, down.State);
        Assert.Equal(2000 * EngineLab.Ms, down.SilentNanoseconds);
        Assert.True(down.MayExclude);
        Assert.True(last > 0);
    }

    /// <summary>Two networks bring a beat some microseconds apart, and the loop takes about as long: what the second one makes due may lie behind it when it asks what is next.</summary>
    [Fact]
    public void Instant_that_passed_since_the_last_look_must_be_due_at_once()
    {
        using EngineLab lab = new EngineLab(networks: 2).Formed();
        lab.Cut();
        HeartbeatEngine engine = lab[0].Engine;
        long down = lab.Now - engine.View(1, lab.Now).SilentNanoseconds + (2000 * EngineLab.Ms);
        lab.Run((int)((down - lab.Now) / EngineLab.Ms) - 1);
        engine.OnTick(down - 5000);
        Assert.NotEqual(PeerState.Down, engine.View(1, down - 5000).State);
        Assert.Equal(down, engine.NextChange());
        engine.OnTick(down + 5000);
        Assert.Equal(PeerState.Down, engine.View(1, down + 5000).State);
        Assert.True(engine.NextChange() > down + 5000);
    }

    [Fact]
    public void Peer_must_be_suspected_but_not_down_when_one_of_two_channels_is_silent()
    {
        using EngineLab lab = new EngineLab(networks: 2).Formed();
        lab.Link = (_, _, network) => network == 0 ? null : 1 * EngineLab.Ms;
        lab.Run(700);
        Assert.Equal(PeerState.Up, lab[0].StateOf(1));
        lab.Run(400);
        Assert.Equal(PeerState.Suspected, lab[0].StateOf(1));
        lab.Run(60_000);
        Assert.Equal(PeerState.Suspected, lab[0].StateOf(1));
        Assert.False(lab[0].MayExclude(1));
        lab.Heal();
        lab.Run(300);
        Assert.Equal(PeerState.Up, lab[0].StateOf(1));
    }

    [Fact]
    public void Peer_must_stay_unknown_until_the_start_wait_ends_when_it_was_never_heard()
    {
        using var lab = new EngineLab();
        lab[0].Start();
        lab[0].Engine.SetClean();
        lab.Run(1999);
        Assert.Equal(PeerState.Unknown, lab[0].StateOf(1));
        Assert.False(lab[0].MayExclude(1));
        lab.Run(1);
        Assert.Equal(PeerState.Down, lab[0].StateOf(1));
        Assert.True(lab[0].MayExclude(1));
    }

    [Fact]
    public void Silence_must_be_counted_anew_when_the_own_loop_stood_still()
    {
        using EngineLab lab = new EngineLab().Formed();
        lab[0].Freeze();
        lab[1].Stop();
        lab.Run(5000);
        lab[0].Thaw();
        lab.Run(10);
        Assert.Contains(lab[0].Notes, n => n.Kind == EngineNoteKind.Stall && n.Nanoseconds >= 4800 * EngineLab.Ms);
        Assert.NotEqual(PeerState.Down, lab[0].StateOf(1));
        Assert.False(lab[0].MayExclude(1));
        lab.Run(1980);
        Assert.False(lab[0].MayExclude(1));
        lab.Run(20);
        Assert.True(lab[0].MayExclude(1));
    }

    [Fact]
    public void Kernel_time_stamp_must_count_when_a_datagram_waited_in_the_socket()
    {
        using EngineLab lab = new EngineLab().Formed();
        byte[] beat = [];
        lab.Link = (_, _, _) => null;
        lab.Run(200);
        beat = lab[1].Sent[^1].Bytes;
        long received = lab.Now;
        lab.Run(100);
        lab[0].Engine.OnDatagram(lab.Now, received, 0, beat);
        Assert.Equal(100 * EngineLab.Ms, lab[0].Engine.View(1, lab.Now).SilentNanoseconds);
        Assert.Equal(0, lab[1].Engine.Counters.RefusedForgery);
    }

    [Fact]
    public void Daemon_state_must_be_told_to_the_peer_when_it_changes()
    {
        using EngineLab lab = new EngineLab().Formed();
        lab[1].Engine.SetDaemon(DaemonState.Restarting, lab.Now);
        lab.Run(500);
        PeerView view = lab[0].Engine.View(1, lab.Now);
        Assert.Equal(DaemonState.Restarting, view.Daemon);
        Assert.InRange(view.DaemonSinceNanoseconds, 490 * EngineLab.Ms, 500 * EngineLab.Ms);
        Assert.Contains(lab[0].Notes, n => n.Kind == EngineNoteKind.Peer && n.Peer.Daemon == DaemonState.Restarting);
    }

    [Fact]
    public void Notes_must_say_that_some_were_dropped_when_nobody_reads()
    {
        var queue = new NoteQueue(4);
        for (int i = 0; i < 5; i++)
            queue.Add(new EngineNote { Nanoseconds = i });
        Assert.True(queue.HasNotes);
        Assert.True(queue.TakeOverflow());
        Assert.False(queue.TakeOverflow());
        for (int i = 0; i < 4; i++)
        {
            Assert.True(queue.TryTake(out EngineNote note));
            Assert.Equal(i, note.Nanoseconds);
        }

        Assert.False(queue.TryTake(out _));
    }
}
