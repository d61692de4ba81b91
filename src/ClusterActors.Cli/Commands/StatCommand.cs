using ClusterActors.Cli.Parsing;
using ClusterActors.Cli.Screens;
using ClusterActors.Control;
using ClusterActors.Control.Client;

namespace ClusterActors.Cli.Commands;

/// <summary><c>clpstat</c>.</summary>
internal static class StatCommand
{
    public static CommandSpec Spec { get; } = new(
        "stat", "show the state of the cluster",
        "The answer is what the asked server knows; it has the star, and the age of what it knows of the others is shown.",
        OperandSpec.None,
        [
            new("state", 's', null, "servers, groups and resources (default)"),
            new("groups", 'g', null, "which group runs where"),
            new("heartbeats", 'n', null, "who hears whom on which heartbeat"),
            new("beats", 'b', null, "how punctual the guardian of the asked server is"),
            CommonOptions.Json, CommonOptions.Host,
        ],
        RunAsync);

    public static async Task<ExitCode> RunAsync(Invocation invocation)
    {
        var screen = invocation.OneOf("state", "state", "groups", "heartbeats", "beats");
        using var api = Api.Open(invocation);
        var answer = await api.GetAsync(screen == "beats" ? Routes.Guardian : Routes.Status).ConfigureAwait(false);
        if (!api.PrintedAsJson(answer))
            await invocation.Host.Out.WriteAsync(Render(screen, answer)).ConfigureAwait(false);
        return ExitCode.Done;
    }

    private static string Render(string screen, ControlAnswer answer) =>
        screen == "beats" ? BeatScreen.Render(answer.Read(ControlJson.Default.GuardianFigures)) : Render(screen, answer.ReadStatus());

    private static string Render(string screen, ClusterStatus status) => screen switch
    {
        "groups" => GroupMapScreen.Render(status),
        "heartbeats" => HeartbeatScreen.Render(status),
        _ => StatusScreen.Render(status),
    };
}
