using ClusterActors.Cli.Parsing;
using ClusterActors.Control;

namespace ClusterActors.Cli.Commands;

/// <summary><c>clpcl</c>.</summary>
internal static class ClusterRunCommands
{
    private const double DefaultWaitSeconds = 30;

    public static async Task<ExitCode> RunAsync(Invocation invocation) =>
        invocation.OneOf(null, "start", "stop", "suspend", "resume") switch
        {
            "stop" => await StopAsync(invocation).ConfigureAwait(false),
            "suspend" => await WishCommands.OfClusterAsync(invocation, ClusterWishVerb.Suspend).ConfigureAwait(false),
            "resume" => await WishCommands.OfClusterAsync(invocation, ClusterWishVerb.Resume).ConfigureAwait(false),
            _ => await ClusterStartCommand.RunAsync(invocation, invocation.CommandOptions(DefaultWaitSeconds)).ConfigureAwait(false),
        };

    private static async Task<ExitCode> StopAsync(Invocation invocation)
    {
        using var api = Api.Open(invocation);
        var options = invocation.CommandOptions(DefaultWaitSeconds);
        var answer = await api.CommandAsync(
            Routes.ClusterStop, new ClusterCommand(invocation.Has("all"), options), ControlJson.Default.ClusterCommand, options).ConfigureAwait(false);
        var reply = answer.Read(ControlJson.Default.CommandReply);
        return api.PrintedAsJson(answer) ? reply.Code : ReplyText.Print(invocation, "Stop", reply);
    }
}
