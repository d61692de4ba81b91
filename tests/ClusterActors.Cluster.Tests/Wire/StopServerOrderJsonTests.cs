using System.Text.Json;
using ClusterActors.Cluster.Wire;

namespace ClusterActors.Cluster.Tests.Wire;

public sealed class StopServerOrderJsonTests
{
    [Fact]
    public void Order_must_carry_whether_every_server_is_stopped()
    {
        var order = new StopServerOrder("c", "r", "root") { All = true };
        Assert.Equal(order, JsonSerializer.Deserialize(JsonSerializer.Serialize(order, ClusterJson.Default.StopServerOrder), ClusterJson.Default.StopServerOrder));
    }

    [Fact]
    public void Order_of_a_release_that_did_not_tell_must_be_one_for_this_server()
    {
        var order = JsonSerializer.Deserialize("""{"CommandId":"c","Reason":"r","Caller":"root"}""", ClusterJson.Default.StopServerOrder);
        Assert.Equal(new StopServerOrder("c", "r", "root"), order);
    }
}
