using System.Text.Json;
using System.Text.Json.Serialization;
using ClusterActors.Model;

namespace ClusterActors.Cluster.Wire.Json;

/// <summary>What an administrator asks for.</summary>
internal sealed class AdminCommandConverter : JsonConverter<AdminCommand>
{
    public override AdminCommand Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        IdJson.RequireObject(ref reader);
        var parts = new Parts();
        while (IdJson.NextMember(ref reader))
            parts.Read(ref reader);
        return new(parts.CommandId!, parts.Verb, parts.Group, parts.Server, parts.WaitSeconds, parts.DryRun, parts.Reason!, parts.Caller!);
    }

    public override void Write(Utf8JsonWriter writer, AdminCommand value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        IdJson.Write(writer, "CommandId"u8, value.CommandId);
        IdJson.WriteEnum(writer, "Verb"u8, value.Verb, (int)value.Verb);
        if (value.Group is { } group)
            IdJson.Write(writer, "Group"u8, group);
        IdJson.Write(writer, "Server"u8, value.Server);
        writer.WriteNumber("WaitSeconds"u8, value.WaitSeconds);
        writer.WriteBoolean("DryRun"u8, value.DryRun);
        IdJson.Write(writer, "Reason"u8, value.Reason);
        IdJson.Write(writer, "Caller"u8, value.Caller);
        writer.WriteEndObject();
    }

    private struct Parts
    {
        public string? CommandId;
        public AdminVerb Verb;
        public GroupName? Group;
        public ServerName? Server;
        public double WaitSeconds;
        public bool DryRun;
        public string? Reason;
        public string? Caller;

        public void Read(ref Utf8JsonReader reader)
        {
            var name = reader.GetString();
            reader.Read();
            switch (name)
            {
                case "CommandId":
                    CommandId = reader.GetString();
                    break;
                case "Verb":
                    Verb = (AdminVerb)IdJson.ReadEnum(ref reader, typeof(AdminVerb));
                    break;
                case "Group":
                    Group = reader.TokenType == JsonTokenType.Null ? null : IdJson.ReadGroup(ref reader);
                    break;
                case "Server":
                    Server = IdJson.ReadOptionalServer(ref reader);
                    break;
                case "WaitSeconds":
                    WaitSeconds = reader.GetDouble();
                    break;
                case "DryRun":
                    DryRun = reader.GetBoolean();
                    break;
                case "Reason":
                    Reason = reader.GetString();
                    break;
                case "Caller":
                    Caller = reader.GetString();
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }
    }
}
