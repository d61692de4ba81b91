using ClusterActors.Model.Guardian;

namespace ClusterActors.Guardian.Tests.Pair;

/// <summary>A guardian that the machine gives no real-time scheduling.</summary>
[Collection(PairCollection.Name)]
public sealed class RealTimeRightsTests
{
    [Fact]
    public void Fast_beats_must_be_refused_and_ordinary_ones_taken()
    {
        using var pair = new GuardianPair(intervalMs: 100, timeoutMs: 1000, grantMs: 900);
        pair.A.StartWithoutRealTimeRights();
        pair.A.Connect();
        GuardianSettings fast = pair.A.Settings with { Interval = TimeSpan.FromMilliseconds(99) };

        Reply refused = pair.A.Daemon.Ask(new ApplySettings(fast));

        Assert.Equal(GuardianResult.Refused, refused.Result);
        Assert.Contains("beats every 99 ms need real-time scheduling", refused.Sentence, StringComparison.Ordinal);
        Assert.Equal(GuardianResult.Refused, pair.A.Daemon.Ask(new GetStatistics()).Result);
        pair.A.Daemon.Done(new ApplySettings(pair.A.Settings));
        Assert.Equal(GuardianResult.Refused, pair.A.Daemon.Ask(new ApplySettings(fast)).Result);
        long sent = pair.A.Daemon.Done(new GetStatistics()).Statistics.BeatsSent;
        GuardianPair.Until("it beats with the settings that it took", () => pair.A.Daemon.Done(new GetStatistics()).Statistics.BeatsSent > sent);
    }

    [Fact]
    public void Stored_fast_settings_must_not_be_beaten_from_when_the_rights_are_gone()
    {
        using var pair = new GuardianPair();
        pair.A.Start("--no-real-time");
        pair.A.Connect();
        pair.A.Daemon.Done(new ApplySettings(pair.A.Settings));
        pair.A.End();
        int life = pair.A.Log.Length;

        pair.A.StartWithoutRealTimeRights();
        pair.A.Connect();

        Assert.Equal(GuardianResult.Refused, pair.A.Daemon.Ask(new GetStatistics()).Result);
        Assert.Contains("nothing is sent until the node daemon hands over other settings", pair.A.Log[life..], StringComparison.Ordinal);
        pair.A.Daemon.Done(new ApplySettings(pair.A.Settings with { Interval = TimeSpan.FromMilliseconds(100) }));
        GuardianPair.Until("it beats", () => pair.A.Daemon.Done(new GetStatistics()).Statistics.BeatsSent > 0);
    }
}
