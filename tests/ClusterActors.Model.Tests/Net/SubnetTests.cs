using System.Net;
using ClusterActors.Model.Net;

namespace ClusterActors.Model.Tests.Net;

public sealed class SubnetTests
{
    [Theory]
    [InlineData("10.0.0.0", 24, true)]
    [InlineData("10.0.0.255", 24, true)]
    [InlineData("10.0.0.255", 16, false)]
    [InlineData("10.0.0.4", 30, true)]
    [InlineData("10.0.0.5", 30, false)]
    [InlineData("10.0.0.4", 31, false)]
    [InlineData("10.0.0.4", 32, false)]
    [InlineData("255.255.255.255", 0, true)]
    [InlineData("fd00::", 64, false)]
    public void First_and_last_address_belong_to_the_network(string address, int prefixLength, bool isEdge) =>
        Assert.Equal(isEdge, Subnet.IsEdge(IPAddress.Parse(address), prefixLength));
}
