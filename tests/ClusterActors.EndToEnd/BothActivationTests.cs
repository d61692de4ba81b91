using ClusterActors.EndToEnd.Pairs;

namespace ClusterActors.EndToEnd;

/// <summary>The group's address is in use by somebody who is no part of the cluster.</summary>
public sealed class BothActivationTests
{
    public BothActivationTests() => Assert.SkipWhen(RunningPair.MissingReason is not null, RunningPair.MissingReason ?? "");

    /// <summary>Another host first, then the own network configuration of the server; after each the administrator asks again.</summary>
    [Fact]
    public Task Start_must_be_refused_while_somebody_else_has_the_address() => RunningPair.TellAsync(async pair =>
    {
        var owner = await pair.ReadyAsync();
        var other = RunningPair.Other(owner);
        await pair.ExpectAsync(0, owner, "clpgrp", "-t", "web");

        await IpAsync(pair, "client1", "add");
        var said = await pair.ExpectAsync(4, other, "clpgrp", "-s", "web");
        Assert.Contains($"{RunningPair.FloatingIp} is in use on", said, StringComparison.Ordinal);
        Assert.Contains("no server is tried before clpgrp -s web", said, StringComparison.Ordinal);
        Assert.Equal([39], pair.Events(owner).Where(e => e is { Module: "ca", Id: 39 }).Select(e => e.Id));
        Assert.Single(pair.Events(owner), e => e is { Module: "rc", Id: 352 });
        var explained = await pair.ExpectAsync(0, other, "clp", "explain", "group", "web");
        Assert.Contains("is in use by somebody else, so no server is tried", explained, StringComparison.Ordinal);
        Assert.DoesNotContain(pair.Events(other), e => e is { Module: "rc", Id: 60 or 10 });

        await IpAsync(pair, "client1", "del");
        await IpAsync(pair, owner, "add");
        said = await pair.ExpectAsync(4, other, "clpgrp", "-s", "web", "-h", owner);
        Assert.Contains("was not put there by the cluster; take it off first (ip address del ", said, StringComparison.Ordinal);
        Assert.Single(pair.Events(owner), e => e is { Module: "ca", Id: 82 });
        Assert.Contains(RunningPair.FloatingIp, await pair.Lab.OutputAsync(owner, "ip", "-4", "address"), StringComparison.Ordinal);

        await IpAsync(pair, owner, "del");
        await pair.ExpectAsync(0, other, "clpgrp", "-s", "web", "-h", owner);
        await pair.UntilRunsOnAsync(owner);
        var told = pair.Events(owner).Where(e => e is { Module: "rc", Id: 350 or 351 }).TakeLast(2).Select(e => e.Id);
        Assert.Equal([350, 351], told);
    });

    /// <summary>Nothing of the check lies in the way of a takeover, not even when the network would answer.</summary>
    [Fact]
    public Task Takeover_must_not_ask_the_network() => RunningPair.TellAsync(async pair =>
    {
        var owner = await pair.ReadyAsync();
        var other = RunningPair.Other(owner);
        var before = pair.Events(other).Count;
        await pair.Lab.PowerOffAsync(owner);
        await IpAsync(pair, "client1", "add");
        await pair.UntilRunsOnAsync(other);
        Assert.DoesNotContain(pair.Events(other).Skip(before), e => e is { Module: "rc", Id: >= 350 and <= 353 });
    });

    private static async Task IpAsync(RunningPair pair, string host, string verb)
    {
        var device = (await pair.Lab.OutputAsync(host, "ip", "-4", "-o", "address")).Split('\n').Single(line => line.Contains(" 10.77.1.", StringComparison.Ordinal)
            && !line.Contains($"{RunningPair.FloatingIp}/", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1];
        await pair.Lab.OutputAsync(host, "ip", "address", verb, RunningPair.FloatingIp + "/24", "dev", device);
    }
}
