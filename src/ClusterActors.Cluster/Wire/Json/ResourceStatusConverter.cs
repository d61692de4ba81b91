using System.Text.Json;
using System.Text.Json.Serialization;
using ClusterActors.Model;

namespace ClusterActors.Cluster.Wire.Json;

/// <summary>State of one resource.</summary>
internal sealed class ResourceStatusConverter : JsonConverter<ResourceStatus>
{
    public override ResourceStatus Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => Read(ref reader);

    public override void Write(Utf8JsonWriter writer, ResourceStatus value, JsonSerializerOptions options) => Write(writer, value);

    public static ResourceStatus Read(ref Utf8JsonReader reader)
    {
        IdJson.RequireObject(ref reader);
        var parts = new Parts();
        while (IdJson.NextMember(ref reader))
            parts.Read(ref reader);
        return new(parts.Resource, parts.Type!, parts.State, parts.Restarts, parts.Detail!);
    }

    public static void Write(Utf8JsonWriter writer, ResourceStatus value)
    {
        writer.WriteStartObject();
        IdJson.Write(writer, "Resource"u8, value.Resource);
        IdJson.Write(writer, "Type"u8, value.Type);
        IdJson.WriteEnum(writer, "State"u8, value.State, (int)value.State);
        writer.WriteNumber("Restarts"u8, value.Restarts);
        IdJson.Write(writer, "Detail"u8, value.Detail);
        writer.WriteEndObject();
    }

    private struct Parts
    {
        public ResourceName Resource = IdJson.NoResource;
        public string? Type;
        public ResourceState State;
        public int Restarts;
        public string? Detail;

        public Parts()
        {
        }

        public void Read(ref Utf8JsonReader reader)
        {
            var name = reader.GetString();
            reader.Read();
            switch (name)
            {
                case "Resource":
                    Resource = IdJson.ReadResource(ref reader);
                    break;
                case "Type":
                    Type = reader.GetString();
                    break;
                case "State":
                    State = (ResourceState)IdJson.ReadEnum(ref reader, typeof(ResourceState));
                    break;
                case "Restarts":
                    Restarts = reader.GetInt32();
                    break;
                case "Detail":
                    Detail = reader.GetString();
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }
    }
}
