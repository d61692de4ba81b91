using ClusterActors.Cli.Commands;
using ClusterActors.Control.Identity;
using ClusterActors.Model;

namespace ClusterActors.Cli.Tests;

public sealed class DoctorTests
{
    [Theory]
    [InlineData(10, true)]
    [InlineData(10.1, false)]
    public void Doctor_must_judge_the_worst_beat_of_the_running_guardian(double worst, bool good)
    {
        var figures = Support.Samples.Figures with { BeatLateness = Support.Samples.Figures.BeatLateness with { MaxMilliseconds = worst } };
        var finding = DoctorCommand.Lateness(figures);
        Assert.Equal((good, false), (finding.Good, finding.Grave));
        Assert.Contains("99.9 % 0.94 ms", finding.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Doctor_must_ask_the_running_daemon()
    {
        using var root = new Support.TestRoot();
        await using var api = new Support.StubApi(root.SocketPath, _ =>
            [Support.StubApi.Json(System.Text.Json.JsonSerializer.Serialize(Support.Samples.Figures, Control.ControlJson.Default.GuardianFigures))]);
        var run = await root.RunAsync("doctor");
        Assert.Matches("ok +beat lateness .*worst 3.125 ms", run.Out);
        Assert.Equal("/api/v1/guardian", Assert.Single(api.Requests).Path);
    }

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

    [Theory]
    [InlineData(31, true, false, "is valid until")]
    [InlineData(29, false, false, "in 29 days")]
    [InlineData(6, false, true, "in 6 days")]
    [InlineData(-1, false, true, "has ended")]
    public void Doctor_must_warn_before_a_certificate_ends(int daysLeft, bool good, bool grave, string words)
    {
        var now = new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
        var finding = DoctorCommand.Certificate(new CertificateEnd("this server's certificate", now.AddDays(daysLeft)), now);
        Assert.Equal((good, grave), (finding.Good, finding.Grave));
        Assert.Contains(words, finding.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Doctor_must_read_the_end_from_the_certificates()
    {
        using var root = new Support.TestRoot();
        var made = new Past(TimeSpan.FromDays(3650 - 20));
        IdentityMaker.OpenOrCreate(new IdentityPaths(root.Path), "pair", "server1", [], made).Dispose();
        var run = await root.RunAsync("doctor");
        Assert.Matches(@"note +certificate +this server's certificate ends on .*, in (19\.9|20) days; renew it", run.Out);
        Assert.Matches("ok +certificate +the certificate of the cluster's authority is valid until", run.Out);
    }

    private sealed class Past(TimeSpan ago) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => TimeProvider.System.GetUtcNow() - ago;
    }
}
