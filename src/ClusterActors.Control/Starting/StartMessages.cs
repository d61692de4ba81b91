using System.Text.Json.Serialization;

namespace ClusterActors.Control.Starting;

/// <summary>Start the cluster on the server that this reaches.</summary>
/// <param name="Reason">The administrator's words; goes into the log of the server that is started.</param>
internal sealed record StartOrder(string? Reason);

/// <summary>What became of an order to start.</summary>
/// <param name="Started">The init system has taken the order, or the cluster ran already.</param>
/// <param name="RanAlready">The daemon answered before, and is not being stopped.</param>
/// <param name="Problem">Why it was not started; empty otherwise.</param>
public sealed record StartReply(bool Started, bool RanAlready, string Problem)
{
    /// <summary>Not started, because it is only just being stopped: the order may be given again.</summary>
    public bool IsStopping { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(StartOrder))]
[JsonSerializable(typeof(StartReply))]
internal sealed partial class StartJson : JsonSerializerContext;
