using System.Text.Json;
using System.Text.Json.Serialization;
using ClusterActors.Model;

namespace ClusterActors.Cluster.Wire.Json;

/// <summary>A server's account of itself.</summary>
internal sealed class ServerReportConverter : JsonConverter<ServerReport>
{
    public override ServerReport Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => Read(ref reader);

    public override void Write(Utf8JsonWriter writer, ServerReport value, JsonSerializerOptions options) => Write(writer, value);

    public static ServerReport Read(ref Utf8JsonReader reader)
    {
        IdJson.RequireObject(ref reader);
        var parts = new Parts();
        while (IdJson.NextMember(ref reader))
            parts.Read(ref reader);
        return new(
            parts.Server, parts.Incarnation, parts.Term, parts.ConfigHash!, parts.Sequence, parts.Ready, parts.Leaving, parts.Grant!, parts.Groups!, parts.Hears!)
        {
            Life = parts.Life,
            Decides = parts.Decides,
            Meets = parts.Meets,
            Follows = parts.Follows,
            Out = parts.Out!,
            OutCauses = parts.OutCauses,
            Wishes = parts.Wishes,
            LeavingCauseId = parts.LeavingCauseId,
        };
    }

    public static void Write(Utf8JsonWriter writer, ServerReport value)
    {
        writer.WriteStartObject();
        IdJson.Write(writer, "Server"u8, value.Server);
        IdJson.Write(writer, "Incarnation"u8, value.Incarnation);
        IdJson.Write(writer, "Term"u8, value.Term);
        IdJson.Write(writer, "ConfigHash"u8, value.ConfigHash);
        writer.WriteNumber("Sequence"u8, value.Sequence);
        writer.WriteBoolean("Ready"u8, value.Ready);
        writer.WriteBoolean("Leaving"u8, value.Leaving);
        IdJson.Write(writer, "Grant"u8, value.Grant);
        WriteGroupReports(writer, "Groups"u8, value.Groups);
        WriteHeardChannels(writer, "Hears"u8, value.Hears);
        IdJson.Write(writer, "Out"u8, value.Out);
        writer.WriteNumber("Life"u8, value.Life);
        if (value.Decides is { } decides)
            writer.WriteBoolean("Decides"u8, decides);
        IdJson.Write(writer, "Meets"u8, value.Meets);
        if (value.Follows is { } follows)
        {
            writer.WritePropertyName("Follows"u8);
            FollowingJson.Write(writer, follows);
        }
        if (value.Wishes is { } wishes)
        {
            writer.WritePropertyName("Wishes"u8);
            ClusterWishesConverter.Write(writer, wishes);
        }

        IdJson.Write(writer, "LeavingCauseId"u8, value.LeavingCauseId);
        OutCauseJson.Write(writer, "OutCauses"u8, value.OutCauses);
        writer.WriteEndObject();
    }

    private static List<GroupReport>? ReadGroupReports(ref Utf8JsonReader reader)
    {
        if (!IdJson.StartsList(ref reader))
            return null;
        var items = new List<GroupReport>();
        while (IdJson.NextItem(ref reader))
            items.Add(reader.TokenType == JsonTokenType.Null ? null! : GroupReportConverter.Read(ref reader));
        return items;
    }

    private static void WriteGroupReports(Utf8JsonWriter writer, ReadOnlySpan<byte> name, IReadOnlyList<GroupReport>? items)
    {
        if (items is null)
            return;
        writer.WriteStartArray(name);
        foreach (var item in items)
        {
            if (item is null)
                writer.WriteNullValue();
            else
                GroupReportConverter.Write(writer, item);
        }

        writer.WriteEndArray();
    }

    private static List<HeardChannel>? ReadHeardChannels(ref Utf8JsonReader reader)
    {
        if (!IdJson.StartsList(ref reader))
            return null;
        var items = new List<HeardChannel>();
        while (IdJson.NextItem(ref reader))
            items.Add(reader.TokenType == JsonTokenType.Null ? null! : HeardChannelConverter.Read(ref reader));
        return items;
    }

    private static void WriteHeardChannels(Utf8JsonWriter writer, ReadOnlySpan<byte> name, IReadOnlyList<HeardChannel>? items)
    {
        if (items is null)
            return;
        writer.WriteStartArray(name);
        foreach (var item in items)
        {
            if (item is null)
                writer.WriteNullValue();
            else
                HeardChannelConverter.Write(writer, item);
        }

        writer.WriteEndArray();
    }

    private struct Parts
    {
        public ServerName Server = IdJson.NoServer;
        public Incarnation Incarnation;
        public Term Term;
        public string? ConfigHash;
        public long Sequence;
        public bool Ready;
        public bool Leaving;
        public string? Grant;
        public IReadOnlyList<GroupReport>? Groups;
        public IReadOnlyList<HeardChannel>? Hears;
        public long Life;
        public bool? Decides;
        public IReadOnlyList<ServerName>? Meets;
        public Following? Follows;
        public IReadOnlyList<ServerName>? Out;
        public ClusterWishes? Wishes;
        public string? LeavingCauseId;
        public IReadOnlyList<OutCause>? OutCauses;

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
                case "Incarnation":
                    Incarnation = IdJson.ReadIncarnation(ref reader);
                    break;
                case "Term":
                    Term = IdJson.ReadTerm(ref reader);
                    break;
                case "ConfigHash":
                    ConfigHash = reader.GetString();
                    break;
                case "Sequence":
                    Sequence = reader.GetInt64();
                    break;
                case "Ready":
                    Ready = reader.GetBoolean();
                    break;
                case "Leaving":
                    Leaving = reader.GetBoolean();
                    break;
                case "Grant":
                    Grant = reader.GetString();
                    break;
                case "Groups":
                    Groups = ReadGroupReports(ref reader);
                    break;
                case "Hears":
                    Hears = ReadHeardChannels(ref reader);
                    break;
                case "Life":
                    Life = reader.GetInt64();
                    break;
                case "Decides":
                    Decides = reader.TokenType == JsonTokenType.Null ? null : reader.GetBoolean();
                    break;
                case "Meets":
                    Meets = IdJson.ReadServers(ref reader);
                    break;
                case "Follows":
                    Follows = reader.TokenType == JsonTokenType.Null ? null : FollowingJson.Read(ref reader);
                    break;
                case "Out":
                    Out = IdJson.ReadServers(ref reader);
                    break;
                case "Wishes":
                    Wishes = reader.TokenType == JsonTokenType.Null ? null : ClusterWishesConverter.Read(ref reader);
                    break;
                case "LeavingCauseId":
                    LeavingCauseId = reader.GetString();
                    break;
                case "OutCauses":
                    OutCauses = OutCauseJson.Read(ref reader);
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }
    }
}
