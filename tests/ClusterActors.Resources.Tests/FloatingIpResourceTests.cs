using ClusterActors.Model.Resources;
using ClusterActors.Resources.FloatingIp;

namespace ClusterActors.Resources.Tests;

public sealed class FloatingIpResourceTests
{
    private readonly FloatingIpResourceType _type = new();
    private readonly FakeHost _host = new(TimeProvider.System);

    [Theory]
    [InlineData(StartCause.Start, true, true)]
    [InlineData(StartCause.Start, false, false)]
    [InlineData(StartCause.Failover, true, false)]
    [InlineData(StartCause.Move, true, false)]
    [InlineData(StartCause.Restart, true, false)]
    public async Task Probe_must_only_be_made_when_an_administrator_starts_and_the_group_is_checked(StartCause cause, bool check, bool probed)
    {
        var config = Given.Resource(_type, ("ip", "10.0.0.100/24"));
        await _type.Create(config, _host).StartAsync(Given.Start(config, cause) with { BothActivationCheck = check }, default);
        var address = _host.Address(Given.Group, config.Name)!;
        Assert.Equal(probed, address.Probe);
        Assert.True(address.Fenced);
        Assert.Equal(24, address.Prefix);
    }

    [Fact]
    public async Task Check_must_follow_the_hosts_table()
    {
        var config = Given.Resource(_type, ("ip", "fd00::100/64"));
        var resource = _type.Create(config, _host);
        Assert.Equal(ResourceHealth.Stopped, (await resource.CheckAsync(Given.Start(config), default)).Health);
        await resource.StartAsync(Given.Start(config), default);
        Assert.Equal(ResourceHealth.Running, (await resource.CheckAsync(Given.Start(config), default)).Health);
        await resource.StopAsync(Given.Stop(config), default);
        Assert.Equal(ResourceHealth.Stopped, (await resource.CheckAsync(Given.Start(config), default)).Health);
    }

    [Fact]
    public async Task Watch_must_end_as_a_failure_when_the_address_is_lost()
    {
        var config = Given.Resource(_type, ("ip", "10.0.0.100/24"));
        var resource = _type.Create(config, _host);
        await resource.StartAsync(Given.Start(config), default);
        var watch = resource.WatchAsync(Given.Start(config), default);
        Assert.False(watch.IsCompleted);

        _host.Lose(Given.Group, config.Name, "interface eth1 is gone");

        Assert.Equal(ResourceOutcome.Failed("10.0.0.100 is down: interface eth1 is gone"), await watch);
    }

    [Theory]
    [InlineData("fe80::1/64", "link-local")]
    [InlineData("127.0.0.1/8", "unicast")]
    public void Validation_must_refuse_addresses_that_cannot_float(string ip, string expected) =>
        Assert.Contains(_type.Validate(Given.Resource(_type, ("ip", ip)), null!), p => p.Contains(expected, StringComparison.Ordinal));
}
