using System.Text.Json.Serialization;
using ClusterActors.Actors;

namespace ClusterActors.Remoting.Tests;

internal sealed record Report(string Group, int State);

internal sealed record ReportV1(string Group);

internal sealed record Meet(string Text, IActorRef Whom);

internal sealed record Unregistered(string Text);

[JsonSourceGenerationOptions(Converters = [typeof(ActorRefJsonConverter)])]
[JsonSerializable(typeof(Report))]
[JsonSerializable(typeof(ReportV1))]
[JsonSerializable(typeof(Meet))]
internal sealed partial class TestJson : JsonSerializerContext;

internal static class TestWire
{
    /// <summary>What a program of version 2 registers; one of version 1 knew only the group.</summary>
    public static WireRegistry Current()
    {
        var registry = new WireRegistry();
        registry.Register("test.report", 2, TestJson.Default.Report, readableFrom: 1)
            .From(1, TestJson.Default.ReportV1, old => new Report(old.Group, -1));
        registry.Register("test.meet", 1, TestJson.Default.Meet);
        return registry;
    }

    public static WireRegistry Old()
    {
        var registry = new WireRegistry();
        registry.Register("test.report", 1, TestJson.Default.ReportV1);
        return registry;
    }
}

/// <summary>Answers every message with the same message, and keeps what it got.</summary>
internal sealed class Echo : UntypedActor
{
    protected override void OnReceive(object message) => Sender.Tell(message);
}
