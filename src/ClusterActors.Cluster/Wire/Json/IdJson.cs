using System.Text.Json;
using ClusterActors.Model;

namespace ClusterActors.Cluster.Wire.Json;

/// <summary>The ids, enums and lists inside the messages, in the JSON that a generated contract would make.</summary>
internal static class IdJson
{
    // What a message does not name is no server, group or resource: it is not found anywhere, and is no null in whose place nobody expects one.
    public static readonly ServerName NoServer = new(null!);
    public static readonly GroupName NoGroup = new(null!);
    public static readonly ResourceName NoResource = new(null!);

    /// <summary>Steps to the next member's name; false at the object's end. The reader stands on the object's start or on the end of the member before.</summary>
    public static bool NextMember(ref Utf8JsonReader reader) => reader.Read() && reader.TokenType == JsonTokenType.PropertyName;

    /// <exception cref="JsonException">The value is not an object.</exception>
    public static void RequireObject(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
            throw new JsonException($"{reader.TokenType} where an object is needed");
    }

    public static void Write(Utf8JsonWriter writer, ReadOnlySpan<byte> name, ServerName? value)
    {
        if (value is null)
            return;
        writer.WritePropertyName(name);
        WriteValue(writer, value.Value);
    }

    public static void Write(Utf8JsonWriter writer, ReadOnlySpan<byte> name, GroupName value)
    {
        writer.WritePropertyName(name);
        WriteValue(writer, value.Value);
    }

    public static void Write(Utf8JsonWriter writer, ReadOnlySpan<byte> name, ResourceName value)
    {
        writer.WritePropertyName(name);
        WriteValue(writer, value.Value);
    }

    public static void Write(Utf8JsonWriter writer, ReadOnlySpan<byte> name, Term value)
    {
        writer.WriteStartObject(name);
        writer.WriteNumber("Number"u8, value.Number);
        writer.WriteNumber("ServerIndex"u8, value.ServerIndex);
        writer.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter writer, ReadOnlySpan<byte> name, Incarnation value)
    {
        writer.WriteStartObject(name);
        writer.WriteNumber("BootId"u8, value.BootId);
        writer.WriteNumber("StartCounter"u8, value.StartCounter);
        writer.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter writer, ReadOnlySpan<byte> name, string? value)
    {
        if (value is not null)
            writer.WriteString(name, value);
    }

    /// <summary>The member's name as text; a value without a name as its number.</summary>
    public static void WriteEnum(Utf8JsonWriter writer, ReadOnlySpan<byte> name, Enum value, int number)
    {
        if (Enum.IsDefined(value.GetType(), value))
            writer.WriteString(name, value.ToString());
        else
            writer.WriteNumber(name, number);
    }

    public static void Write(Utf8JsonWriter writer, ReadOnlySpan<byte> name, IReadOnlyList<ServerName>? servers)
    {
        if (servers is null)
            return;
        writer.WriteStartArray(name);
        for (var i = 0; i < servers.Count; i++)
            WriteValue(writer, servers[i].Value);
        writer.WriteEndArray();
    }

    public static ServerName ReadServer(ref Utf8JsonReader reader) => new(ReadValue(ref reader)!);

    public static ServerName? ReadOptionalServer(ref Utf8JsonReader reader) => reader.TokenType == JsonTokenType.Null ? null : ReadServer(ref reader);

    public static GroupName ReadGroup(ref Utf8JsonReader reader) => new(ReadValue(ref reader)!);

    public static ResourceName ReadResource(ref Utf8JsonReader reader) => new(ReadValue(ref reader)!);

    public static Term ReadTerm(ref Utf8JsonReader reader)
    {
        RequireObject(ref reader);
        var (number, index) = (0UL, 0);
        while (NextMember(ref reader))
        {
            var (isNumber, isIndex) = (reader.ValueTextEquals("Number"u8), reader.ValueTextEquals("ServerIndex"u8));
            reader.Read();
            if (isNumber)
                number = reader.GetUInt64();
            else if (isIndex)
                index = reader.GetInt32();
            else
                reader.Skip();
        }

        return new(number, index);
    }

    public static Incarnation ReadIncarnation(ref Utf8JsonReader reader)
    {
        RequireObject(ref reader);
        var (boot, counter) = (0UL, 0U);
        while (NextMember(ref reader))
        {
            var (isBoot, isCounter) = (reader.ValueTextEquals("BootId"u8), reader.ValueTextEquals("StartCounter"u8));
            reader.Read();
            if (isBoot)
                boot = reader.GetUInt64();
            else if (isCounter)
                counter = reader.GetUInt32();
            else
                reader.Skip();
        }

        return new(boot, counter);
    }

    /// <exception cref="JsonException">No such member.</exception>
    public static object ReadEnum(ref Utf8JsonReader reader, Type type)
    {
        if (reader.TokenType == JsonTokenType.Number)
            return Enum.ToObject(type, reader.GetInt32());
        return Enum.TryParse(type, reader.GetString(), ignoreCase: true, out var value)
            ? value
            : throw new JsonException($"\"{reader.GetString()}\" where one of {string.Join(", ", Enum.GetNames(type))} is needed");
    }

    public static IReadOnlyList<ServerName>? ReadServers(ref Utf8JsonReader reader)
    {
        if (!StartsList(ref reader))
            return null;
        var servers = new List<ServerName>();
        while (NextItem(ref reader))
            servers.Add(ReadServer(ref reader));
        return servers;
    }

    /// <summary>False: the list is null.</summary>
    /// <exception cref="JsonException">Not a list.</exception>
    public static bool StartsList(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.Null => false,
        JsonTokenType.StartArray => true,
        _ => throw new JsonException($"{reader.TokenType} where a list is needed"),
    };

    public static bool NextItem(ref Utf8JsonReader reader) => reader.Read() && reader.TokenType != JsonTokenType.EndArray;

    private static void WriteValue(Utf8JsonWriter writer, string? value)
    {
        writer.WriteStartObject();
        Write(writer, "Value"u8, value);
        writer.WriteEndObject();
    }

    private static string? ReadValue(ref Utf8JsonReader reader)
    {
        RequireObject(ref reader);
        string? value = null;
        while (NextMember(ref reader))
        {
            var known = reader.ValueTextEquals("Value"u8);
            reader.Read();
            if (known)
                value = reader.GetString();
            else
                reader.Skip();
        }

        return value;
    }
}
