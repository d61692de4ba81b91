using System.Runtime.CompilerServices;
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
        var route = RouteOf(Screen(invocation));
        using var api = Api.Open(invocation);
        return Show(invocation, await api.GetAsync(route).ConfigureAwait(false));
    }

    /// <summary>The same without a task, for the daemon of this server, the usual case; null = this call needs <see cref="RunAsync"/>.</summary>
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
