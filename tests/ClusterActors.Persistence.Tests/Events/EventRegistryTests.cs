using System.Text;
using System.Text.Json.Serialization;

namespace ClusterActors.Persistence.Tests.Events;

public sealed class EventRegistryTests
{
    [Fact]
    public void Registry_must_write_the_manifest_and_no_type_name()
    {
        var form = Present().Serialize(new Moved("web", "server1", "server2"));

        Assert.Equal("rc.moved", form.Manifest);
        Assert.Equal(3, form.Version);
        Assert.Equal("""{"Group":"web","From":"server1","To":"server2"}""", Encoding.UTF8.GetString(form.Json.Span));
    }

    [Fact]
    public void Registry_must_read_what_it_wrote()
    {
        var registry = Present();
        var form = registry.Serialize(new Moved("web", "server1", "server2"));

        Assert.Equal(new Moved("web", "server1", "server2"), registry.Deserialize(form.Manifest, form.Version, form.Json.Span));
    }

    [Theory]
    [InlineData(1, """{"Group":"web","Target":"server2"}""", "unknown")]
    [InlineData(2, """{"Group":"web","From":"server9","To":"server2"}""", "server9")]
    public void Registry_must_turn_older_forms_into_the_present_one(int version, string stored, string from)
    {
        Assert.Equal(new Moved("web", from, "server2"), Present().Deserialize("rc.moved", version, Encoding.UTF8.GetBytes(stored)));
    }

    [Theory]
    [InlineData("rc.unheard-of", 1, "{}", "rc.unheard-of, which this program does not know")]
    [InlineData("rc.moved", 4, "{}", "version 4; this program reads 1, 2, 3")]
    [InlineData("rc.moved", 3, "{\"Group\":", "does not have its registered form")]
    [InlineData("rc.moved", 3, "null", "null")]
    [InlineData("rc.moved", 1, "null", "null")]
    public void Registry_must_say_what_it_cannot_read(string manifest, int version, string json, string sentence)
    {
        var failure = Assert.Throws<EventSchemaException>(() => Present().Deserialize(manifest, version, Encoding.UTF8.GetBytes(json)));

        Assert.Contains(sentence, failure.Message);
    }

    [Fact]
    public void Registry_must_refuse_to_write_an_unregistered_type()
    {
        Assert.Contains("String has no manifest", Assert.Throws<EventSchemaException>(() => Present().Serialize("text")).Message);
    }

    [Fact]
    public void Registry_must_refuse_doubtful_registrations()
    {
        var registry = new EventRegistry();
        registry.Register("rc.moved", 1, EventJson.Default.Moved);

        Assert.Throws<ArgumentException>(() => registry.Register("rc.moved-again", 1, EventJson.Default.Moved));
        Assert.Throws<ArgumentException>(() => registry.Register("rc.moved", 1, EventJson.Default.MovedV1));
        Assert.Throws<ArgumentException>(() => registry.Register("RC Moved", 1, EventJson.Default.MovedV1));
        Assert.Throws<ArgumentOutOfRangeException>(() => registry.Register("rc.v1", 0, EventJson.Default.MovedV1));
        var second = registry.Register("rc.v1", 2, EventJson.Default.MovedV1).From(1, EventJson.Default.MovedV1, old => old);
        Assert.Throws<ArgumentException>(() => second.From(1, EventJson.Default.MovedV1, old => old));
        Assert.Throws<ArgumentException>(() => second.From(2, EventJson.Default.MovedV1, old => old));
    }

    [Fact]
    public void Registry_must_be_closed_by_its_first_use()
    {
        var registry = new EventRegistry();
        var registration = registry.Register("rc.moved", 2, EventJson.Default.Moved);
        registry.Serialize(new Moved("a", "b", "c"));

        Assert.Throws<InvalidOperationException>(() => registry.Register("rc.v1", 1, EventJson.Default.MovedV1));
        Assert.Throws<InvalidOperationException>(() => registration.From(1, EventJson.Default.Moved, m => m));
    }

    private static EventRegistry Present()
    {
        var registry = new EventRegistry();
        registry.Register("rc.moved", 3, EventJson.Default.Moved)
            .From(1, EventJson.Default.MovedV1, old => new Moved(old.Group, "unknown", old.Target))
            .From(2, EventJson.Default.Moved, same => same);
        return registry;
    }
}

internal sealed record Moved(string Group, string From, string To);

internal sealed record MovedV1(string Group, string Target);

[JsonSerializable(typeof(Moved))]
[JsonSerializable(typeof(MovedV1))]
internal sealed partial class EventJson : JsonSerializerContext;
