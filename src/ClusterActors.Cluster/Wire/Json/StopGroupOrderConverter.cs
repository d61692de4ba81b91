using System.Text.Json;
using System.Text.Json.Serialization;
using ClusterActors.Model;

namespace ClusterActors.Cluster.Wire.Json;

/// <summary>An order to stop.</summary>
internal sealed class StopGroupOrderConverter : JsonConverter<StopGroupOrder>
{
    public override StopGroupOrder Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        IdJson.RequireObject(ref reader);
        var parts = new Parts();
        while (IdJson.NextMember(ref reader))
            parts.Read(ref reader);
        return new(parts.OrderId, parts.Group, parts.Term, parts.Force, parts.Reason!)
        {
            By = parts.Tail.By,
            Under = parts.Tail.Under,
            CauseId = parts.Tail.CauseId,
            Seen = parts.Tail.Seen,
        };
    }

    public override void Write(Utf8JsonWriter writer, StopGroupOrder value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        writer.WriteNumber("OrderId"u8, value.OrderId);
        IdJson.Write(writer, "Group"u8, value.Group);
        IdJson.Write(writer, "Term"u8, value.Term);
        writer.WriteBoolean("Force"u8, value.Force);
        IdJson.Write(writer, "Reason"u8, value.Reason);
        OrderTail.Write(writer, value.By, value.Under, value.CauseId, value.Seen);
        writer.WriteEndObject();
    }

    private struct Parts
    {
        public long OrderId;
        public GroupName Group = IdJson.NoGroup;
        public Term Term;
        public bool Force;
        public string? Reason;
        public OrderTail Tail;

        public Parts()
        {
        }

        public void Read(ref Utf8JsonReader reader)
        {
            var name = reader.GetString();
            reader.Read();
            switch (name)
            {
                case "OrderId":
                    OrderId = reader.GetInt64();
                    break;
                case "Group":
                    Group = IdJson.ReadGroup(ref reader);
                    break;
                case "Term":
                    Term = IdJson.ReadTerm(ref reader);
                    break;
                case "Force":
                    Force = reader.GetBoolean();
                    break;
                case "Reason":
                    Reason = reader.GetString();
                    break;
                default:
                    Tail.Read(name, ref reader);
                    break;
            }
        }
    }
}
