using System.Text.Json;
using System.Text.Json.Serialization;
using ClusterActors.Model;

namespace ClusterActors.Cluster.Wire.Json;

/// <summary>What administrators want of the cluster beside its groups.</summary>
internal sealed class ClusterWishesConverter : JsonConverter<ClusterWishes>
{
    public override ClusterWishes Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => Read(ref reader);

    public override void Write(Utf8JsonWriter writer, ClusterWishes value, JsonSerializerOptions options) => Write(writer, value);

    public static ClusterWishes Read(ref Utf8JsonReader reader)
    {
        IdJson.RequireObject(ref reader);
        var parts = new Parts();
        while (IdJson.NextMember(ref reader))
            parts.Read(ref reader);
        return new(parts.Term, parts.Generation, parts.Suspended, parts.Ratio, parts.RatioUntil, parts.Servers!)
        {
            SuspendedCauseId = parts.SuspendedCauseId,
            RatioCauseId = parts.RatioCauseId,
        };
    }

    public static void Write(Utf8JsonWriter writer, ClusterWishes value)
    {
        writer.WriteStartObject();
        IdJson.Write(writer, "Term"u8, value.Term);
        writer.WriteNumber("Generation"u8, value.Generation);
        writer.WriteBoolean("Suspended"u8, value.Suspended);
        writer.WriteNumber("Ratio"u8, value.Ratio);
        if (value.RatioUntil is { } until)
            writer.WriteString("RatioUntil"u8, until);
        WriteServerWishs(writer, "Servers"u8, value.Servers);
        IdJson.Write(writer, "SuspendedCauseId"u8, value.SuspendedCauseId);
        IdJson.Write(writer, "RatioCauseId"u8, value.RatioCauseId);
        writer.WriteEndObject();
    }

    private static List<ServerWish>? ReadServerWishs(ref Utf8JsonReader reader)
    {
        if (!IdJson.StartsList(ref reader))
            return null;
        var items = new List<ServerWish>();
        while (IdJson.NextItem(ref reader))
            items.Add(reader.TokenType == JsonTokenType.Null ? null! : ServerWishConverter.Read(ref reader));
        return items;
    }

    private static void WriteServerWishs(Utf8JsonWriter writer, ReadOnlySpan<byte> name, IReadOnlyList<ServerWish>? items)
    {
        if (items is null)
            return;
        writer.WriteStartArray(name);
        foreach (var item in items)
        {
            if (item is null)
                writer.WriteNullValue();
            else
                ServerWishConverter.Write(writer, item);
        }

        writer.WriteEndArray();
    }

    private struct Parts
    {
        public Term Term;
        public long Generation;
        public bool Suspended;
        public int Ratio;
        public DateTimeOffset? RatioUntil;
        public IReadOnlyList<ServerWish>? Servers;
        public string? SuspendedCauseId;
        public string? RatioCauseId;

        public void Read(ref Utf8JsonReader reader)
        {
            var name = reader.GetString();
            reader.Read();
            switch (name)
            {
                case "Term":
                    Term = IdJson.ReadTerm(ref reader);
                    break;
                case "Generation":
                    Generation = reader.GetInt64();
                    break;
                case "Suspended":
                    Suspended = reader.GetBoolean();
                    break;
                case "Ratio":
                    Ratio = reader.GetInt32();
                    break;
                case "RatioUntil":
                    RatioUntil = reader.TokenType == JsonTokenType.Null ? null : reader.GetDateTimeOffset();
                    break;
                case "Servers":
                    Servers = ReadServerWishs(ref reader);
                    break;
                case "SuspendedCauseId":
                    SuspendedCauseId = reader.GetString();
                    break;
                case "RatioCauseId":
                    RatioCauseId = reader.GetString();
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }
    }
}
