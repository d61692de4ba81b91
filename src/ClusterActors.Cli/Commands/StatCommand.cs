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
        _ = Screen(invocation);
        using var api = Api.Open(invocation);
        return Show(invocation, await api.GetAsync(Routes.Status).ConfigureAwait(false));
    }

    /// <summary>The daemon of this server, the usual case.</summary>
    public static ExitCode? RunAtOnce(Invocation invocation)
    {
        if (invocation.Has("host"))
            return null;
        _ = Screen(invocation);
        var host = invocation.Host;
        return Show(invocation, LocalQuestion.Get(ControlAddress.Local(host.Root).SocketPath!, Routes.Status, Api.QuestionLimit, host.Time));
    }

    private static string Screen(Invocation invocation) => invocation.OneOf("state", "state", "groups", "heartbeats");

    private static ExitCode Show(Invocation invocation, ControlAnswer answer)
    {
        if (Api.PrintedAsJson(invocation, answer))
            return ExitCode.Done;
        var status = answer.ReadStatus();
        invocation.Host.Out.Write(Screen(invocation) switch
        {
            "groups" => GroupMapScreen.Render(status),
            "heartbeats" => HeartbeatScreen.Render(status),
            _ => StatusScreen.Render(status),
        });
        return ExitCode.Done;
    }
}
