using ClusterActors.Cli.Commands;
using ClusterActors.Model;

namespace ClusterActors.Cli.Tests;

public sealed class DoctorTests
{
    [Theory]
    [InlineData("default", 200, true, true)]
    [InlineData("default", 200, false, true)]
    [InlineData("fast", 50, true, true)]
    [InlineData("fast", 50, false, false)]
    [InlineData("instant", 10, false, false)]
    public void Doctor_must_fail_a_profile_that_the_guardian_will_refuse(string profile, int interval, bool hasRealTime, bool good)
    {
        var finding = DoctorCommand.Beats(
            new HeartbeatConfig(profile, TimeSpan.FromMilliseconds(interval), TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(1)), hasRealTime);
        Assert.Equal((good, true), (finding.Good, finding.Grave));
        Assert.Equal(!good, finding.Sentence.Contains("need real-time scheduling", StringComparison.Ordinal));
        Assert.Contains($"every {interval} ms", finding.Sentence, StringComparison.Ordinal);
    }
}
