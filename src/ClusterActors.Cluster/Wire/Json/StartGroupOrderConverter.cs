using System.Text.Json;
using System.Text.Json.Serialization;
using ClusterActors.Model;
using ClusterActors.Model.Resources;

namespace ClusterActors.Cluster.Wire.Json;

/// <summary>An order to start: the first one on a server falls into the outage of a move.</summary>
internal sealed class StartGroupOrderConverter : JsonConverter<StartGroupOrder>
{
    public override StartGroupOrder Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        IdJson.RequireObject(ref reader);
        var parts = new Parts();
        while (IdJson.NextMember(ref reader))
            parts.Read(ref reader);
        return new(parts.OrderId, parts.Group, parts.Term, parts.Generation, parts.Cause, parts.Reason!)
        {
            By = parts.Tail.By,
            Under = parts.Tail.Under,
            CauseId = parts.Tail.CauseId,
            Seen = parts.Tail.Seen,
        };
    }

    public override void Write(Utf8JsonWriter writer, StartGroupOrder value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        writer.WriteNumber("OrderId"u8, value.OrderId);
        IdJson.Write(writer, "Group"u8, value.Group);
        IdJson.Write(writer, "Term"u8, value.Term);
        writer.WriteNumber("Generation"u8, value.Generation);
        IdJson.WriteEnum(writer, "Cause"u8, value.Cause, (int)value.Cause);
        IdJson.Write(writer, "Reason"u8, value.Reason);
        OrderTail.Write(writer, value.By, value.Under, value.CauseId, value.Seen);
        writer.WriteEndObject();
    }

    private struct Parts
    {
        public long OrderId;
        public GroupName Group = IdJson.NoGroup;
        public Term Term;
        public long Generation;
        public StartCause Cause;
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
                case "Generation":
                    Generation = reader.GetInt64();
                    break;
                case "Cause":
                    Cause = (StartCause)IdJson.ReadEnum(ref reader, typeof(StartCause));
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
