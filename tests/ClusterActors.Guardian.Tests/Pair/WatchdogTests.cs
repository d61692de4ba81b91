using ClusterActors.Model.Guardian;

namespace ClusterActors.Guardian.Tests.Pair;

/// <summary>The guardian and its hardware watchdog; a file stands for the device and takes the same writes.</summary>
[Collection(PairCollection.Name)]
public sealed class WatchdogTests
{
    [Fact]
    public void Watchdog_must_be_fed_while_it_beats_and_stopped_when_the_guardian_leaves_in_order()
    {
        using var pair = new GuardianPair();
        string device = Begin(pair);
        Fed(device);
        pair.A.Disconnect();
        pair.A.Signal("TERM");
        Assert.True(pair.A.WaitForExit());
        Assert.EndsWith("V", File.ReadAllText(device), StringComparison.Ordinal);
    }

    [Fact]
    public void Watchdog_must_be_left_to_reset_the_machine_when_the_guardian_dies()
    {
        using var pair = new GuardianPair();
        string device = Begin(pair);
        Fed(device);
        pair.A.Signal("KILL");
        Assert.True(pair.A.WaitForExit());
        Assert.DoesNotContain("V", File.ReadAllText(device), StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_must_be_sent_until_the_watchdog_is_there()
    {
        using var pair = new GuardianPair();
        string device = Begin(pair, exists: false);
        GuardianPair.Until("the missing device is named", () => pair.A.Log.Contains($"watchdog {device}", StringComparison.Ordinal));
        Assert.Equal(GuardianResult.Refused, pair.A.Daemon.Ask(new GetStatistics()).Result);
        File.WriteAllText(device, "");
        GuardianPair.Until("it beats", () => pair.A.Daemon.Ask(new GetStatistics()) is { Succeeded: true, Statistics.BeatsSent: > 0 });
        Fed(device);
    }

    private static string Begin(GuardianPair pair, bool exists = true)
    {
        string device = $"{pair.A.Root}/watchdog";
        Directory.CreateDirectory(pair.A.Root);
        if (exists)
            File.WriteAllText(device, "");
        pair.A.Start();
        pair.A.Connect();
        pair.A.Daemon.Done(new ApplySettings(pair.A.Settings with { WatchdogDevice = device, WatchdogTimeout = TimeSpan.FromSeconds(1) }));
        return device;
    }

    private static void Fed(string device) => GuardianPair.Until("fed three times", () => new FileInfo(device).Length >= 3);
}
