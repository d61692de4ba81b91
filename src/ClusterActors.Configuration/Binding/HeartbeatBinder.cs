using ClusterActors.Hocon;
using ClusterActors.Model;

namespace ClusterActors.Configuration.Binding;

/// <summary>The heartbeat's times, from a profile or from own numbers, and whether they are safe together.</summary>
internal sealed class HeartbeatBinder(BindingReport report)
{
    /// <summary>Keys that the inequalities are about, the most likely mistake first: where a broken one is shown.</summary>
    private static readonly string[] Movable = ["grant", "timeout", "tolerated-losses", "round-trip", "scheduling-error", "interval", "profile"];

    private static readonly TimeSpan ShortestInterval = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan LongestInterval = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongestTimeout = TimeSpan.FromHours(1);

    public HeartbeatConfig? Bind(Section cluster, PartitionPolicy? policy, IReadOnlyList<ArbiterConfig> arbiters, int servers)
    {
        var section = cluster.Child("heartbeat");
        section.ReportUnknownKeys();
        var scheduling = section.Duration("scheduling-error", TimeSpan.FromMicroseconds(100), TimeSpan.FromSeconds(1));
        var roundTrip = section.Duration("round-trip", TimeSpan.Zero, TimeSpan.FromSeconds(10));
        var losses = section.Integer("tolerated-losses", 0, 100);
        var fence = cluster.Choice<FenceChoice>("fence") ?? FenceChoice.Auto;

        var isOwn = section.IsWritten("interval") || section.IsWritten("timeout");
        var times = isOwn ? OwnNumbers(section, fence) : Profile(section, fence);
        if (times is null || scheduling is not { } e || roundTrip is not { } rtt || losses is not { } m) return times;

        var key = Movable.FirstOrDefault(section.IsWritten);
        var origin = key is null ? cluster.OriginOf("fence") : section.OriginOf(key);
        var inequalities = new SafetyInequalities(times.Interval, times.Timeout, times.Grant, fence, e, rtt, m)
        {
            NeedsServersVows = policy == PartitionPolicy.AskArbiters && servers > 2,
            ArbiterRoundTrip = policy == PartitionPolicy.AskArbiters ? ArbiterRoundTrip(arbiters) : null,
            ArbiterTimeout = StoreTimeout(arbiters),
        };
        foreach (var broken in inequalities.Broken())
            report.Add(origin, $"{section.Path} ({Name(times)}, fence {Words.Kebab(fence)}): {broken}");
        return times with { SchedulingError = e };
    }

    private static TimeSpan? ArbiterRoundTrip(IReadOnlyList<ArbiterConfig> arbiters) => arbiters.FirstOrDefault(a => a.Votes) switch
    {
        WitnessArbiterConfig witness => witness.RoundTrip,
        EtcdArbiterConfig etcd => etcd.RoundTrip,
        PostgreSqlArbiterConfig postgreSql => postgreSql.RoundTrip,
        _ => null,
    };

    private static TimeSpan? StoreTimeout(IReadOnlyList<ArbiterConfig> arbiters) => arbiters.FirstOrDefault(a => a.Votes) switch
    {
        EtcdArbiterConfig etcd => etcd.Timeout,
        PostgreSqlArbiterConfig postgreSql => postgreSql.Timeout,
        _ => null,
    };

    private static string Name(HeartbeatConfig times) => times.Profile == "custom" ? "own numbers" : $"profile {times.Profile}";

    private static HeartbeatConfig? OwnNumbers(Section section, FenceChoice fence)
    {
        if (section.IsWritten("profile"))
            section.Complain("profile", $"{section.FullPath("profile")} is written beside own numbers; write either the profile, or interval and timeout");
        var hasBoth = section.Require("interval", "own numbers need both: write interval as well, or only a profile")
            & section.Require("timeout", "own numbers need both: write timeout as well, or only a profile");
        var interval = section.Duration("interval", ShortestInterval, LongestInterval);
        var timeout = section.Duration("timeout", ShortestInterval, LongestTimeout);
        if (!hasBoth || interval is not { } i || timeout is not { } v) return null;
        if (v < i * 3)
        {
            section.Complain("timeout", $"{section.FullPath("timeout")} is {Words.Duration(v)}; it must be at least three intervals, {Words.Duration(i * 3)}");
            return null;
        }

        return Grant(section, v, SafetyInequalities.DeriveGrant(v, fence)) is { } grant ? new HeartbeatConfig("custom", i, v, grant) : null;
    }

    private static HeartbeatConfig? Profile(Section section, FenceChoice fence)
    {
        if (section.Text("profile") is not { } name) return null;
        var profiles = Reference.Config.GetConfig("profiles");
        if (profiles.Root.Field(name) is null)
        {
            var names = profiles.Root.Fields.Select(f => f.Key).ToList();
            section.Complain("profile", $"{section.FullPath("profile")} is '{name}'; it must be one of {Words.List(names)}{Words.DidYouMean(name, names)}, or write own numbers as interval and timeout");
            return null;
        }

        var profile = new Config((ConfigObject)profiles.Root.Field(name)!.Value);
        var timeout = profile.GetDuration("timeout");
        if (fence != FenceChoice.Nft || !profile.TryGetDuration("grant-nft", out var own)) own = profile.GetDuration("grant");
        return Grant(section, timeout, own) is { } grant ? new HeartbeatConfig(name, profile.GetDuration("interval"), timeout, grant) : null;
    }

    /// <summary>A written grant of any size is taken here: whether it is safe is for the inequalities to say.</summary>
    private static TimeSpan? Grant(Section section, TimeSpan timeout, TimeSpan own)
    {
        var isUnwritten = section.Value("grant") is null;
        var grant = isUnwritten ? own : section.Duration("grant", ShortestInterval, LongestTimeout);
        if (grant > TimeSpan.Zero) return grant;
        if (isUnwritten)
            section.Complain("timeout", $"{section.FullPath("timeout")} is {Words.Duration(timeout)}, which leaves no time to run groups after the fence's own delays; lengthen it");
        return null;
    }
}
