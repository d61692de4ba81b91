using System.Text.Json;
using System.Text.Json.Serialization;
using ClusterActors.Model;

namespace ClusterActors.Cluster.Wire.Json;

/// <summary>The answer to an order.</summary>
internal sealed class OrderReplyConverter : JsonConverter<OrderReply>
{
    public override OrderReply Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        IdJson.RequireObject(ref reader);
        var (id, group, accepted, sentence) = (0L, IdJson.NoGroup, false, (string?)null);
        while (IdJson.NextMember(ref reader))
        {
            var name = reader.GetString();
            reader.Read();
            switch (name)
            {
                case "OrderId":
                    id = reader.GetInt64();
                    break;
                case "Group":
                    group = IdJson.ReadGroup(ref reader);
                    break;
                case "Accepted":
                    accepted = reader.GetBoolean();
                    break;
                case "Sentence":
                    sentence = reader.GetString();
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        return new(id, group, accepted, sentence!);
    }

    public override void Write(Utf8JsonWriter writer, OrderReply value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        writer.WriteNumber("OrderId"u8, value.OrderId);
        IdJson.Write(writer, "Group"u8, value.Group);
        writer.WriteBoolean("Accepted"u8, value.Accepted);
        IdJson.Write(writer, "Sentence"u8, value.Sentence);
        writer.WriteEndObject();
    }
}
