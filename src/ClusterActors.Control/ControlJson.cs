using System.Text.Json.Serialization;

namespace ClusterActors.Control;

/// <summary>Source-generated JSON for the control API: camelCase, enums as text, nulls left out.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(ClusterStatus))]
[JsonSerializable(typeof(GroupCommand))]
[JsonSerializable(typeof(ClusterCommand))]
[JsonSerializable(typeof(CommandOptions))]
[JsonSerializable(typeof(FenceTestCommand))]
[JsonSerializable(typeof(WishRequest))]
[JsonSerializable(typeof(CommandReply))]
[JsonSerializable(typeof(GroupExplanation))]
[JsonSerializable(typeof(EventPage))]
[JsonSerializable(typeof(EventDto))]
[JsonSerializable(typeof(CheckReport))]
[JsonSerializable(typeof(GuardianFigures))]
[JsonSerializable(typeof(ApiError))]
public sealed partial class ControlJson : JsonSerializerContext;
