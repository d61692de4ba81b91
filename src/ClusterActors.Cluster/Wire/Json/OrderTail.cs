using System.Text.Json;
using ClusterActors.Model;

namespace ClusterActors.Cluster.Wire.Json;

/// <summary>The last members, which orders to start and to stop have in common: who decided, under which number, after which event, from which record.</summary>
internal struct OrderTail
{
    public ServerName? By;
    public long? Under;
    public string? CauseId;
    public GroupRecord? Seen;

    public static void Write(Utf8JsonWriter writer, ServerName? by, long? under, string? causeId, GroupRecord? seen)
    {
        IdJson.Write(writer, "By"u8, by);
        if (under is { } number)
            writer.WriteNumber("Under"u8, number);
        IdJson.Write(writer, "CauseId"u8, causeId);
        if (seen is null)
            return;
        writer.WritePropertyName("Seen"u8);
        GroupRecordConverter.Write(writer, seen);
    }

    /// <summary>The reader stands on the value; a member of another name is skipped.</summary>
    public void Read(string? name, ref Utf8JsonReader reader)
    {
        switch (name)
        {
            case "By":
                By = IdJson.ReadOptionalServer(ref reader);
                break;
            case "Under":
                Under = reader.TokenType == JsonTokenType.Null ? null : reader.GetInt64();
                break;
            case "CauseId":
                CauseId = reader.GetString();
                break;
            case "Seen":
                Seen = reader.TokenType == JsonTokenType.Null ? null : GroupRecordConverter.Read(ref reader);
                break;
            default:
                reader.Skip();
                break;
        }
    }
}
