using System.Text.Json;
using System.Text.Json.Serialization;
using ClusterActors.Model;

namespace ClusterActors.Cluster.Wire.Json;

/// <summary>One channel as the reporting server sees it.</summary>
internal sealed class HeardChannelConverter : JsonConverter<HeardChannel>
{
    public override HeardChannel Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => Read(ref reader);

    public override void Write(Utf8JsonWriter writer, HeardChannel value, JsonSerializerOptions options) => Write(writer, value);

    public static HeardChannel Read(ref Utf8JsonReader reader)
    {
        IdJson.RequireObject(ref reader);
        var parts = new Parts();
        while (IdJson.NextMember(ref reader))
            parts.Read(ref reader);
        return new(parts.Heartbeat!, parts.Heard, parts.State!);
    }

    public static void Write(Utf8JsonWriter writer, HeardChannel value)
    {
        writer.WriteStartObject();
        IdJson.Write(writer, "Heartbeat"u8, value.Heartbeat);
        IdJson.Write(writer, "Heard"u8, value.Heard);
        IdJson.Write(writer, "State"u8, value.State);
        writer.WriteEndObject();
    }

    private struct Parts
    {
        public string? Heartbeat;
        public ServerName Heard = IdJson.NoServer;
        public string? State;

        public Parts()
        {
        }

        public void Read(ref Utf8JsonReader reader)
        {
            var name = reader.GetString();
            reader.Read();
            switch (name)
            {
                case "Heartbeat":
                    Heartbeat = reader.GetString();
                    break;
                case "Heard":
                    Heard = IdJson.ReadServer(ref reader);
                    break;
                case "State":
                    State = reader.GetString();
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }
    }
}
