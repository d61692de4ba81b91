using System.Runtime.CompilerServices;
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
        var route = RouteOf(Screen(invocation));
        using var api = Api.Open(invocation);
        return Show(invocation, await api.GetAsync(route).ConfigureAwait(false));
    }

    /// <summary>The daemon of this server, the usual case.</summary>
    public static ExitCode? RunAtOnce(Invocation invocation)
    {
        if (invocation.Has("host"))
            return null;
        var route = RouteOf(Screen(invocation));
        var host = invocation.Host;
        return Show(invocation, LocalQuestion.Get(ControlAddress.Local(host.Root).SocketPath!, route, Api.QuestionLimit, host.Time));
    }

    private static string Screen(Invocation invocation) => invocation.OneOf("state", "state", "groups", "heartbeats", "beats");

    private static string RouteOf(string screen) => screen == "beats" ? Routes.Guardian : Routes.Status;

    private static ExitCode Show(Invocation invocation, ControlAnswer answer)
    {
        if (Api.PrintedAsJson(invocation, answer))
            return ExitCode.Done;
        var screen = Screen(invocation);
        invocation.Host.Out.Write(screen == "beats" ? Beats(answer) : Render(screen, answer.ReadStatus()));
        return ExitCode.Done;
    }

    /// <summary>In a method of its own: the framework's serializer, which the other screens do without, is loaded when the method that names it begins.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static string Beats(ControlAnswer answer) => BeatScreen.Render(answer.Read(ControlJson.Default.GuardianFigures));

    private static string Render(string screen, ClusterStatus status) => screen switch
    {
        "groups" => GroupMapScreen.Render(status),
        "heartbeats" => HeartbeatScreen.Render(status),
        _ => StatusScreen.Render(status),
    };
}
