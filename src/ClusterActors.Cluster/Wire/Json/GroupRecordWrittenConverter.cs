using System.Text.Json;
using System.Text.Json.Serialization;
using ClusterActors.Cluster.Groups;
using ClusterActors.Model;

namespace ClusterActors.Cluster.Wire.Json;

/// <summary>What a group actor stores.</summary>
internal sealed class GroupRecordWrittenConverter : JsonConverter<GroupRecordWritten>
{
    public override GroupRecordWritten Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => Read(ref reader);

    public override void Write(Utf8JsonWriter writer, GroupRecordWritten value, JsonSerializerOptions options) => Write(writer, value);

    public static GroupRecordWritten Read(ref Utf8JsonReader reader)
    {
        IdJson.RequireObject(ref reader);
        var parts = new Parts();
        while (IdJson.NextMember(ref reader))
            parts.Read(ref reader);
        return new(parts.Record!, parts.Guardian);
    }

    public static void Write(Utf8JsonWriter writer, GroupRecordWritten value)
    {
        writer.WriteStartObject();
        if (value.Record is { } record)
        {
            writer.WritePropertyName("Record"u8);
            GroupRecordConverter.Write(writer, record);
        }

        IdJson.Write(writer, "Guardian"u8, value.Guardian);
        writer.WriteEndObject();
    }

    private struct Parts
    {
        public GroupRecord? Record;
        public Incarnation Guardian;

        public void Read(ref Utf8JsonReader reader)
        {
            var name = reader.GetString();
            reader.Read();
            switch (name)
            {
                case "Record":
                    Record = reader.TokenType == JsonTokenType.Null ? null : GroupRecordConverter.Read(ref reader);
                    break;
                case "Guardian":
                    Guardian = IdJson.ReadIncarnation(ref reader);
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }
    }
}
