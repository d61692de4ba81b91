using ClusterActors.Heartbeats.Engine;
using ClusterActors.Model;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Heartbeats.Tests;

/// <summary>What the kinds of channels differ in, and warnings before silence.</summary>
public sealed class ChannelTests
{
    [Theory]
    [InlineData(115200, 200, 1970, true)]
    [InlineData(115200, 50, 275, true)]
    [InlineData(115200, 10, 65, false)]
    [InlineData(9600, 200, 1970, true)]
    [InlineData(9600, 50, 275, false)]
    [InlineData(1200, 200, 1970, false)]
    public void Serial_line_must_extend_the_grant_only_when_its_answers_come_within_it(int speed, int intervalMs, int grantMs, bool extends)
    {
        ChannelPace pace = ChannelPace.OfSerial(TimeSpan.FromMilliseconds(intervalMs), speed);
        Assert.Equal(extends, pace.ExtendsGrant(TimeSpan.FromMilliseconds(grantMs)));
        Assert.True(pace.Interval >= pace.Transfer * 2, "the line must be idle half of the time");
    }

    /// <summary>A slow channel is not down between two of its own beats.</summary>
    [Fact]
    public void Slow_channel_must_have_a_silence_limit_of_its_own()
    {
        GuardianSettings settings = WithSerial(1200);
        using var engine = new HeartbeatEngine(settings, new Incarnation(1, 1), default, settings.Timeout, 0);
        Assert.False(engine.ExtendsGrant(1));
        Assert.True(engine.ExtendsGrant(0));
        Assert.Equal(settings.Serials[0].Interval.Ticks * 300, engine.SilenceLimit(1));
        Assert.Equal(settings.Timeout.Ticks * 100, engine.SilenceLimit(0));
    }

    /// <summary>After a stall the grant comes back by an answer over a channel that extends it, and only by such a one.</summary>
    [Theory]
    [InlineData(115200, true)]
    [InlineData(1200, false)]
    public void Answer_on_a_slow_channel_must_not_give_the_grant_back(int speed, bool comesBack)
    {
        using EngineLab lab = new EngineLab(networks: 2).Formed();
        foreach (EngineLab.Node node in lab.Nodes)
        {
            GuardianSettings settings = WithSerial(speed, node.Settings.OwnIndex);
            // The lab sends on networks only: the second one stands for the line, which the engine takes for what the settings say.
            node.Engine.Apply(settings);
        }

        lab.Link = (_, _, network) => network == 1 ? 1 * EngineLab.Ms : null;
        lab.Run(400);
        lab[0].Freeze();
        lab.Run(1990);
        lab[0].Thaw();
        lab.Run(1000);
        Assert.Contains(lab[0].Notes, n => n is { Kind: EngineNoteKind.Grant, Grant: GrantState.Expired });
        Assert.Equal(comesBack ? GrantState.Held : GrantState.Expired, lab[0].Engine.Grant);
    }

    [Fact]
    public void Silence_of_one_of_two_channels_must_be_warned_of_at_half_and_at_four_fifths()
    {
        using EngineLab lab = new EngineLab(networks: 2).Formed();
        lab.Link = (from, _, network) => from == 1 && network == 1 ? null : 1 * EngineLab.Ms;
        lab.Run(1500);
        lab.Heal();
        lab.Run(400);
        List<EngineNote> late = [.. lab[0].Notes.Where(n => n.Kind == EngineNoteKind.Late)];
        Assert.Equal([(50, LateSide.Unknown), (80, LateSide.Unknown), (80, LateSide.Way)], late.Select(n => ((int)n.Percent, n.Side)));
        Assert.All(late, n => Assert.Equal((1, 1), ((int)n.Server, (int)n.Network)));
        Assert.Contains("other heartbeats still hear it", late[0].Reason, StringComparison.Ordinal);
        Assert.Contains("on the way", late[2].Reason, StringComparison.Ordinal);
        Assert.DoesNotContain(lab[1].Notes, n => n.Kind == EngineNoteKind.Late);
    }

    [Fact]
    public void Gap_of_the_sender_itself_must_be_told_from_its_send_times()
    {
        using EngineLab lab = new EngineLab().Formed();
        lab[1].Freeze();
        lab.Run(1300);
        lab[1].Thaw();
        lab.Run(400);
        EngineNote last = lab[0].Notes.Last(n => n.Kind == EngineNoteKind.Late);
        Assert.Equal(LateSide.Peer, last.Side);
        Assert.InRange(last.Nanoseconds, 1300 * EngineLab.Ms, 1700 * EngineLab.Ms);
    }

    [Fact]
    public void Server_that_was_down_must_not_be_called_late_when_it_returns()
    {
        using EngineLab lab = new EngineLab().Formed();
        lab.Link = (from, _, _) => from == 1 ? null : 1 * EngineLab.Ms;
        lab.Run(3000);
        int warned = lab[0].Notes.Count(n => n.Kind == EngineNoteKind.Late);
        Assert.Equal(2, warned);
        lab.Heal();
        lab.Run(1000);
        Assert.Equal(warned, lab[0].Notes.Count(n => n.Kind == EngineNoteKind.Late));
    }

    /// <summary>A channel that loses five of six beats for a minute fills no log.</summary>
    [Fact]
    public void Fluttering_channel_must_be_warned_of_seldom()
    {
        using EngineLab lab = new EngineLab(networks: 2).Formed();
        lab.Link = (from, _, network) => from == 1 && network == 1 && lab.Now / (200 * EngineLab.Ms) % 7 != 0 ? null : 1 * EngineLab.Ms;
        lab.Run(60_000);
        Assert.InRange(lab[0].Notes.Count(n => n is { Kind: EngineNoteKind.Late, Side: LateSide.Unknown }), 1, 7);
    }

    private static GuardianSettings WithSerial(int speed, byte own = 0)
    {
        GuardianSettings settings = EngineLab.Settings(own, 2, 1, PartitionPolicy.TakeOver, 200, 2000, 1970);
        ChannelPace pace = ChannelPace.OfSerial(settings.Interval, speed);
        return settings with { Serials = [new GuardianSerial(1, "line", "/dev/ttyS0", speed, pace.Interval, (byte)(1 - own))] };
    }
}
