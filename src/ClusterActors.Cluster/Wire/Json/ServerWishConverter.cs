using System.Text.Json;
using System.Text.Json.Serialization;
using ClusterActors.Model;

namespace ClusterActors.Cluster.Wire.Json;

/// <summary>What is wanted of one server.</summary>
internal sealed class ServerWishConverter : JsonConverter<ServerWish>
{
    public override ServerWish Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => Read(ref reader);

    public override void Write(Utf8JsonWriter writer, ServerWish value, JsonSerializerOptions options) => Write(writer, value);

    public static ServerWish Read(ref Utf8JsonReader reader)
    {
        IdJson.RequireObject(ref reader);
        var parts = new Parts();
        while (IdJson.NextMember(ref reader))
            parts.Read(ref reader);
        return new(parts.Server, parts.Mode, parts.Reason!) { CauseId = parts.CauseId };
    }

    public static void Write(Utf8JsonWriter writer, ServerWish value)
    {
        writer.WriteStartObject();
        IdJson.Write(writer, "Server"u8, value.Server);
        IdJson.WriteEnum(writer, "Mode"u8, value.Mode, (int)value.Mode);
        IdJson.Write(writer, "Reason"u8, value.Reason);
        IdJson.Write(writer, "CauseId"u8, value.CauseId);
        writer.WriteEndObject();
    }

    private struct Parts
    {
        public ServerName Server = IdJson.NoServer;
        public ServerMode Mode;
        public string? Reason;
        public string? CauseId;

        public Parts()
        {
        }

        public void Read(ref Utf8JsonReader reader)
        {
            var name = reader.GetString();
            reader.Read();
            switch (name)
            {
                case "Server":
                    Server = IdJson.ReadServer(ref reader);
                    break;
                case "Mode":
                    Mode = (ServerMode)IdJson.ReadEnum(ref reader, typeof(ServerMode));
                    break;
                case "Reason":
                    Reason = reader.GetString();
                    break;
                case "CauseId":
                    CauseId = reader.GetString();
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }
    }
}
