using ClusterActors.Cli.Parsing;
using ClusterActors.Control;

namespace ClusterActors.Cli.Commands;

/// <summary><c>clp cluster start --alone</c>, in the manuals <c>clpbwctrl -c</c>.</summary>
internal static class StartAloneCommand
{
    private const double WaitSeconds = 10;

    public static Task<ExitCode> RunAsync(Invocation invocation)
    {
        if (!invocation.Has("alone"))
            throw new UsageException("clp cluster start: --alone is missing; to start the daemon use clpcl -s", invocation.Command);
        if (string.IsNullOrWhiteSpace(invocation.Text("reason")))
            throw new UsageException("clp cluster start --alone: --reason TEXT is missing; it says in the audit record why the other servers are known to be off", invocation.Command);
        return CancelWaitAsync(invocation);
    }

    public static Task<ExitCode> RunByOldNameAsync(Invocation invocation) =>
        invocation.Has("cancel")
            ? CancelWaitAsync(invocation)
            : throw new UsageException("clp bwctrl: -c is missing", invocation.Command);

    private static async Task<ExitCode> CancelWaitAsync(Invocation invocation)
    {
        using var api = Api.Open(invocation);
        var options = new CommandOptions(WaitSeconds, invocation.Has("dry-run"), invocation.Text("reason"));
        var answer = await api.CommandAsync(Routes.StartupWaitCancel, options, ControlJson.Default.CommandOptions, options).ConfigureAwait(false);
        var reply = answer.Read(ControlJson.Default.CommandReply);
        return api.PrintedAsJson(answer) ? reply.Code : ReplyText.Print(invocation, "Start", reply);
    }
}
