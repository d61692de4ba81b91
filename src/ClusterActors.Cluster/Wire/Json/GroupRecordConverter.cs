using System.Text.Json;
using System.Text.Json.Serialization;
using ClusterActors.Model;

namespace ClusterActors.Cluster.Wire.Json;

/// <summary>A group record. What is computed from it is written too, as it always was, and passed over when read.</summary>
internal sealed class GroupRecordConverter : JsonConverter<GroupRecord>
{
    public override GroupRecord Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => Read(ref reader);

    public override void Write(Utf8JsonWriter writer, GroupRecord value, JsonSerializerOptions options) => Write(writer, value);

    public static GroupRecord Read(ref Utf8JsonReader reader)
    {
        IdJson.RequireObject(ref reader);
        var parts = new Parts();
        while (IdJson.NextMember(ref reader))
            parts.Read(ref reader);
        return new(
            parts.Group, parts.State, parts.Owner, parts.Term, parts.Generation, parts.Wish, parts.WishedServer, parts.WishTerm, parts.WishGeneration, parts.Failovers,
            parts.FailedOn!, parts.Reason!)
        {
            ForgivenTerm = parts.ForgivenTerm,
            ForgivenGeneration = parts.ForgivenGeneration,
            FoundActive = parts.FoundActive,
            CauseId = parts.CauseId,
            WishCauseId = parts.WishCauseId,
        };
    }

    public static void Write(Utf8JsonWriter writer, GroupRecord value)
    {
        writer.WriteStartObject();
        IdJson.Write(writer, "Group"u8, value.Group);
        IdJson.WriteEnum(writer, "State"u8, value.State, (int)value.State);
        IdJson.Write(writer, "Owner"u8, value.Owner);
        IdJson.Write(writer, "Term"u8, value.Term);
        writer.WriteNumber("Generation"u8, value.Generation);
        IdJson.WriteEnum(writer, "Wish"u8, value.Wish, (int)value.Wish);
        IdJson.Write(writer, "WishedServer"u8, value.WishedServer);
        IdJson.Write(writer, "WishTerm"u8, value.WishTerm);
        writer.WriteNumber("WishGeneration"u8, value.WishGeneration);
        writer.WriteNumber("Failovers"u8, value.Failovers);
        IdJson.Write(writer, "FailedOn"u8, value.FailedOn);
        IdJson.Write(writer, "Reason"u8, value.Reason);
        IdJson.Write(writer, "ForgivenTerm"u8, value.ForgivenTerm);
        writer.WriteNumber("ForgivenGeneration"u8, value.ForgivenGeneration);
        IdJson.Write(writer, "UnforgivenFailures"u8, value.UnforgivenFailures);
        writer.WriteNumber("UnforgivenFailovers"u8, value.UnforgivenFailovers);
        if (value.FoundActive is { } found)
            writer.WriteString("FoundActive"u8, found);
        IdJson.Write(writer, "CauseId"u8, value.CauseId);
        IdJson.Write(writer, "WishCauseId"u8, value.WishCauseId);
        writer.WriteEndObject();
    }

    private struct Parts
    {
        public GroupName Group = IdJson.NoGroup;
        public GroupState State;
        public ServerName? Owner;
        public Term Term;
        public long Generation;
        public GroupWish Wish;
        public ServerName? WishedServer;
        public Term WishTerm;
        public long WishGeneration;
        public int Failovers;
        public IReadOnlyList<ServerName>? FailedOn;
        public string? Reason;
        public Term ForgivenTerm;
        public long ForgivenGeneration;
        public string? FoundActive;
        public string? CauseId;
        public string? WishCauseId;

        public Parts()
        {
        }

        public void Read(ref Utf8JsonReader reader)
        {
            var name = reader.GetString();
            reader.Read();
            switch (name)
            {
                case "Group":
                    Group = IdJson.ReadGroup(ref reader);
                    break;
                case "State":
                    State = (GroupState)IdJson.ReadEnum(ref reader, typeof(GroupState));
                    break;
                case "Owner":
                    Owner = IdJson.ReadOptionalServer(ref reader);
                    break;
                case "Term":
                    Term = IdJson.ReadTerm(ref reader);
                    break;
                case "Generation":
                    Generation = reader.GetInt64();
                    break;
                case "Wish":
                    Wish = (GroupWish)IdJson.ReadEnum(ref reader, typeof(GroupWish));
                    break;
                case "WishedServer":
                    WishedServer = IdJson.ReadOptionalServer(ref reader);
                    break;
                case "WishTerm":
                    WishTerm = IdJson.ReadTerm(ref reader);
                    break;
                case "WishGeneration":
                    WishGeneration = reader.GetInt64();
                    break;
                case "Failovers":
                    Failovers = reader.GetInt32();
                    break;
                case "FailedOn":
                    FailedOn = IdJson.ReadServers(ref reader);
                    break;
                case "Reason":
                    Reason = reader.GetString();
                    break;
                case "ForgivenTerm":
                    ForgivenTerm = IdJson.ReadTerm(ref reader);
                    break;
                case "ForgivenGeneration":
                    ForgivenGeneration = reader.GetInt64();
                    break;
                case "FoundActive":
                    FoundActive = reader.GetString();
                    break;
                case "CauseId":
                    CauseId = reader.GetString();
                    break;
                case "WishCauseId":
                    WishCauseId = reader.GetString();
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }
    }
}
