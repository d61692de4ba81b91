using System.Text.Json.Serialization;
using ClusterActors.Actors;

namespace ClusterActors.Remoting;

/// <summary>What the other server answered instead of a result; only its text crosses.</summary>
public sealed class RemoteFailureException(string message) : Exception(message);

/// <summary>
/// The kernel's own messages that make sense between servers. They are sent as small schema types; the id of an Identify crosses as
/// text, since the asker's object means nothing on the other side.
/// </summary>
internal static class KernelMessages
{
    internal sealed record IdentifyForm(string Id);

    internal sealed record IdentityForm(string Id, IActorRef? Subject);

    internal sealed record PoisonPillForm;

    internal sealed record KillForm;

    internal sealed record FailureForm(string Kind, string Message);

    public static void RegisterIn(WireRegistry registry)
    {
        registry.Register("kernel.identify", 1, static () => KernelJson.Default.IdentifyForm);
        registry.Register("kernel.identity", 1, static () => KernelJson.Default.IdentityForm);
        registry.Register("kernel.poison-pill", 1, static () => KernelJson.Default.PoisonPillForm);
        registry.Register("kernel.kill", 1, static () => KernelJson.Default.KillForm);
        registry.Register("kernel.failure", 1, static () => KernelJson.Default.FailureForm);
    }

    public static object ToWire(object message) => message switch
    {
        Identify m => new IdentifyForm(m.MessageId.ToString() ?? ""),
        ActorIdentity m => new IdentityForm(m.MessageId.ToString() ?? "", m.Subject),
        PoisonPill => new PoisonPillForm(),
        Kill => new KillForm(),
        Status.Failure m => new FailureForm(m.Cause.GetType().Name, m.Cause.Message),
        _ => message,
    };

    public static object FromWire(object form) => form switch
    {
        IdentifyForm f => new Identify(f.Id),
        IdentityForm f => new ActorIdentity(f.Id, f.Subject),
        PoisonPillForm => PoisonPill.Instance,
        KillForm => Kill.Instance,
        FailureForm f => new Status.Failure(new RemoteFailureException($"{f.Kind}: {f.Message}")),
        _ => form,
    };
}

[JsonSourceGenerationOptions(Converters = [typeof(ActorRefJsonConverter)])]
[JsonSerializable(typeof(KernelMessages.IdentifyForm))]
[JsonSerializable(typeof(KernelMessages.IdentityForm))]
[JsonSerializable(typeof(KernelMessages.PoisonPillForm))]
[JsonSerializable(typeof(KernelMessages.KillForm))]
[JsonSerializable(typeof(KernelMessages.FailureForm))]
internal sealed partial class KernelJson : JsonSerializerContext;
