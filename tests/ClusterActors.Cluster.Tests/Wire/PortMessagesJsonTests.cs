using System.Text.Json;
using ClusterActors.Cluster.Wire;

namespace ClusterActors.Cluster.Tests.Wire;

/// <summary>The bytes of version 1: a server of this release and one of a later release check each other.</summary>
public sealed class PortMessagesJsonTests
{
    private const string Probe = """{"ProbeId":"p1","Target":{"Value":"server2"}}""";
    private const string Probed = """{"ProbeId":"p1","Probes":[{"Network":{"Value":"lan1"},"From":"10.0.0.1","To":"10.0.0.2","Port":29001},{"Network":{"Value":"lan1"},"From":"10.0.0.1","To":"10.0.0.2","Port":29003,"Problem":"connection refused"}]}""";

    [Fact]
    public void Question_must_be_these_bytes()
    {
        var probe = new ProbePorts("p1", new("server2"));
        Assert.Equal(Probe, JsonSerializer.Serialize(probe, ClusterJson.Default.ProbePorts));
        Assert.Equal(probe, JsonSerializer.Deserialize(Probe, ClusterJson.Default.ProbePorts));
    }

    [Fact]
    public void Answer_must_be_these_bytes()
    {
        var probed = new PortsProbed(
            "p1", [new(new("lan1"), "10.0.0.1", "10.0.0.2", 29001, null), new(new("lan1"), "10.0.0.1", "10.0.0.2", 29003, "connection refused")], null);
        Assert.Equal(Probed, JsonSerializer.Serialize(probed, ClusterJson.Default.PortsProbed));
        Assert.Equal(probed.Probes, JsonSerializer.Deserialize(Probed, ClusterJson.Default.PortsProbed)!.Probes);
        Assert.Equal("""{"ProbeId":"p1","Probes":[],"Refusal":"busy"}""", JsonSerializer.Serialize(new PortsProbed("p1", [], "busy"), ClusterJson.Default.PortsProbed));
    }

    [Fact]
    public void Both_must_be_in_the_closed_list()
    {
        var registry = new Remoting.WireRegistry();
        ClusterMessages.RegisterIn(registry);
        foreach (var manifest in new[] { "ports.probe", "ports.probed" })
            Assert.Contains("registered twice", Assert.Throws<ArgumentException>(() => registry.Register(manifest, 1, KeyOnly.Default.Int32)).Message, StringComparison.Ordinal);
    }
}

/// <summary>A contract of a type that nothing registers.</summary>
[System.Text.Json.Serialization.JsonSerializable(typeof(int))]
internal sealed partial class KeyOnly : System.Text.Json.Serialization.JsonSerializerContext;
