using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using ClusterActors.Cli.Parsing;

namespace ClusterActors.Cli.Commands;

/// <summary>Source-generated JSON of the commands that ask no daemon, in the form of the control API's: camelCase, enums as text, nulls left out.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(ConfigReferenceJson))]
[JsonSerializable(typeof(TypeReferenceJson))]
[JsonSerializable(typeof(InitStep))]
[JsonSerializable(typeof(JoinedJson))]
[JsonSerializable(typeof(WitnessExportJson))]
[JsonSerializable(typeof(HeartbeatInitJson))]
[JsonSerializable(typeof(CommandsJson))]
[JsonSerializable(typeof(RatioJson))]
[JsonSerializable(typeof(StarterStep))]
internal sealed partial class CliJson : JsonSerializerContext;

/// <summary>One result, in the form that was asked for.</summary>
internal static class Answers
{
    /// <summary>Prints <paramref name="value"/> as one line of JSON with <c>--json</c>, else <paramref name="sentence"/>.</summary>
    public static void Answer<T>(this Invocation invocation, T value, JsonTypeInfo<T> type, string sentence) =>
        invocation.Host.Out.WriteLine(invocation.Has("json") ? JsonSerializer.Serialize(value, type) : sentence);

    /// <summary>As <see cref="Answer"/>, for a text of whole lines.</summary>
    public static void AnswerText<T>(this Invocation invocation, Func<T> value, JsonTypeInfo<T> type, Func<string> text)
    {
        if (invocation.Has("json"))
            invocation.Host.Out.WriteLine(JsonSerializer.Serialize(value(), type));
        else
            invocation.Host.Out.Write(text());
    }
}
