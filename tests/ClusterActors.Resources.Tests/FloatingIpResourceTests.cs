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

    [Theory]
    [InlineData("fe80::1/64", "link-local")]
    [InlineData("127.0.0.1/8", "unicast")]
    public void Validation_must_refuse_addresses_that_cannot_float(string ip, string expected) =>
        Assert.Contains(_type.Validate(Given.Resource(_type, ("ip", ip)), null!), p => p.Contains(expected, StringComparison.Ordinal));
}
