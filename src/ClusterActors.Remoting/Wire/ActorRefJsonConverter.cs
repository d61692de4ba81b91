using System.Text.Json;
using System.Text.Json.Serialization;
using ClusterActors.Actors;

namespace ClusterActors.Remoting;

/// <summary>
/// Lets a wire message carry actor refs: full path with server and uid out, a usable ref in; a ref that comes home is the local one
/// again (R-RM1). Name it in <c>[JsonSourceGenerationOptions(Converters = [typeof(ActorRefJsonConverter)])]</c>. Works only while the
/// link layer reads or writes a message, since only then it is known whose refs are meant.
/// </summary>
public sealed class ActorRefJsonConverter : JsonConverter<IActorRef>
{
    [ThreadStatic]
    private static ActorRefProvider? s_provider;

    internal static ActorRefProvider? Provider
    {
        set => s_provider = value;
    }

    /// <inheritdoc/>
    public override IActorRef? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var text = reader.GetString();
        if (text is null)
        {
            return null;
        }

        return ActorPath.TryParse(text, out var path) ? Required().ResolveActorRef(path) : throw new JsonException($"\"{text}\" is not an actor path");
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, IActorRef value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStringValue(Required().ToText(value));
    }

    private static ActorRefProvider Required() => s_provider ?? throw new NotSupportedException("an actor ref can only be written to or read from a link between servers");
}
