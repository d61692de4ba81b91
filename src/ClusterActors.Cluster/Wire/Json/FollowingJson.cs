using System.Text.Json;

namespace ClusterActors.Cluster.Wire.Json;

/// <summary>Whose starts a server carries out, inside its report.</summary>
internal static class FollowingJson
{
    public static void Write(Utf8JsonWriter writer, Following value)
    {
        writer.WriteStartObject();
        IdJson.Write(writer, "Coordinator"u8, value.Coordinator);
        writer.WriteNumber("Life"u8, value.Life);
        writer.WriteNumber("Number"u8, value.Number);
        writer.WriteEndObject();
    }

    public static Following Read(ref Utf8JsonReader reader)
    {
        IdJson.RequireObject(ref reader);
        var value = new Following(null, 0, 0);
        while (IdJson.NextMember(ref reader))
        {
            var (isCoordinator, isLife, isNumber) = (reader.ValueTextEquals("Coordinator"u8), reader.ValueTextEquals("Life"u8), reader.ValueTextEquals("Number"u8));
            reader.Read();
            if (isCoordinator)
                value = value with { Coordinator = IdJson.ReadOptionalServer(ref reader) };
            else if (isLife)
                value = value with { Life = reader.GetInt64() };
            else if (isNumber)
                value = value with { Number = reader.GetInt64() };
            else
                reader.Skip();
        }

        return value;
    }
}
