using System.Text.Json;
using ClusterActors.Model;

namespace ClusterActors.Cluster.Wire.Json;

/// <summary>Why servers are out.</summary>
internal static class OutCauseJson
{
    /// <summary>Nothing where there is nothing to tell: releases that do not know it get the bytes they always got.</summary>
    public static void Write(Utf8JsonWriter writer, ReadOnlySpan<byte> name, IReadOnlyList<OutCause>? causes)
    {
        if (causes is null)
            return;
        writer.WriteStartArray(name);
        for (var i = 0; i < causes.Count; i++)
        {
            writer.WriteStartObject();
            IdJson.Write(writer, "Server"u8, causes[i].Server);
            IdJson.Write(writer, "CauseId"u8, causes[i].CauseId);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    public static IReadOnlyList<OutCause>? Read(ref Utf8JsonReader reader)
    {
        if (!IdJson.StartsList(ref reader))
            return null;
        var causes = new List<OutCause>();
        while (IdJson.NextItem(ref reader))
            causes.Add(ReadOne(ref reader));
        return causes;
    }

    private static OutCause ReadOne(ref Utf8JsonReader reader)
    {
        IdJson.RequireObject(ref reader);
        var (server, cause) = (IdJson.NoServer, default(string));
        while (IdJson.NextMember(ref reader))
        {
            var (isServer, isCause) = (reader.ValueTextEquals("Server"u8), reader.ValueTextEquals("CauseId"u8));
            reader.Read();
            if (isServer)
                server = IdJson.ReadServer(ref reader);
            else if (isCause)
                cause = reader.GetString();
            else
                reader.Skip();
        }

        return new(server, cause!);
    }
}
