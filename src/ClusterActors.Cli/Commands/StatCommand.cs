using ClusterActors.Cli.Parsing;
using ClusterActors.Cli.Screens;
using ClusterActors.Control;
using ClusterActors.Control.Client;

namespace ClusterActors.Cli.Commands;

/// <summary><c>clpstat</c>.</summary>
internal static class StatCommand
{
    public static async Task<ExitCode> RunAsync(Invocation invocation)
    {
        var screen = invocation.OneOf("state", "state", "groups", "heartbeats", "beats");
        using var api = Api.Open(invocation);
        var answer = await api.GetAsync(screen == "beats" ? Routes.Guardian : Routes.Status).ConfigureAwait(false);
        if (api.PrintedAsJson(answer))
            return ExitCode.Done;
        if (screen == "beats")
        {
            await invocation.Host.Out.WriteAsync(BeatScreen.Render(answer.Read(ControlJson.Default.GuardianFigures))).ConfigureAwait(false);
            return ExitCode.Done;
        }

        var status = answer.ReadStatus();
        await invocation.Host.Out.WriteAsync(screen switch
        {
            "groups" => GroupMapScreen.Render(status),
            "heartbeats" => HeartbeatScreen.Render(status),
            _ => StatusScreen.Render(status),
        }).ConfigureAwait(false);
        return ExitCode.Done;
    }
}
