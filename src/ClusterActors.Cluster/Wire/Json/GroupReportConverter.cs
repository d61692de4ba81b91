using System.Text.Json;
using System.Text.Json.Serialization;
using ClusterActors.Model;

namespace ClusterActors.Cluster.Wire.Json;

/// <summary>A server's account of a group.</summary>
internal sealed class GroupReportConverter : JsonConverter<GroupReport>
{
    public override GroupReport Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => Read(ref reader);

    public override void Write(Utf8JsonWriter writer, GroupReport value, JsonSerializerOptions options) => Write(writer, value);

    public static GroupReport Read(ref Utf8JsonReader reader)
    {
        IdJson.RequireObject(ref reader);
        var parts = new Parts();
        while (IdJson.NextMember(ref reader))
            parts.Read(ref reader);
        return new(parts.Record!, parts.ActiveHere, parts.Resources!) { StartingIn = parts.StartingIn };
    }

    public static void Write(Utf8JsonWriter writer, GroupReport value)
    {
        writer.WriteStartObject();
        if (value.Record is { } record)
        {
            writer.WritePropertyName("Record"u8);
            GroupRecordConverter.Write(writer, record);
        }

        writer.WriteBoolean("ActiveHere"u8, value.ActiveHere);
        WriteResourceStatuss(writer, "Resources"u8, value.Resources);
        if (value.StartingIn is { } term)
            IdJson.Write(writer, "StartingIn"u8, term);
        writer.WriteEndObject();
    }

    private static List<ResourceStatus>? ReadResourceStatuss(ref Utf8JsonReader reader)
    {
        if (!IdJson.StartsList(ref reader))
            return null;
        var items = new List<ResourceStatus>();
        while (IdJson.NextItem(ref reader))
            items.Add(reader.TokenType == JsonTokenType.Null ? null! : ResourceStatusConverter.Read(ref reader));
        return items;
    }

    private static void WriteResourceStatuss(Utf8JsonWriter writer, ReadOnlySpan<byte> name, IReadOnlyList<ResourceStatus>? items)
    {
        if (items is null)
            return;
        writer.WriteStartArray(name);
        foreach (var item in items)
        {
            if (item is null)
                writer.WriteNullValue();
            else
                ResourceStatusConverter.Write(writer, item);
        }

        writer.WriteEndArray();
    }

    private struct Parts
    {
        public GroupRecord? Record;
        public bool ActiveHere;
        public IReadOnlyList<ResourceStatus>? Resources;
        public Term? StartingIn;

        public void Read(ref Utf8JsonReader reader)
        {
            var name = reader.GetString();
            reader.Read();
            switch (name)
            {
                case "Record":
                    Record = reader.TokenType == JsonTokenType.Null ? null : GroupRecordConverter.Read(ref reader);
                    break;
                case "ActiveHere":
                    ActiveHere = reader.GetBoolean();
                    break;
                case "Resources":
                    Resources = ReadResourceStatuss(ref reader);
                    break;
                case "StartingIn":
                    StartingIn = reader.TokenType == JsonTokenType.Null ? null : IdJson.ReadTerm(ref reader);
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }
    }
}
