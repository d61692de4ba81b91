using System.Text;
using ClusterActors.Cli.Parsing;
using ClusterActors.Cli.Screens;
using ClusterActors.Control;
using ClusterActors.Control.Client;

namespace ClusterActors.Cli.Commands;

/// <summary><c>clp fence test</c>, <c>status</c> and <c>confirm</c>.</summary>
internal static class FenceCommands
{
    private const double TestWaitSeconds = 120;
    private const double ConfirmWaitSeconds = 10;

    public static async Task<ExitCode> TestAsync(Invocation invocation)
    {
        var server = invocation.Operands[0];
        if (invocation.Has("really") && string.IsNullOrWhiteSpace(invocation.Text("reason")))
            throw new UsageException("clp fence test --really: --reason TEXT is missing; the server is switched off, and the reason goes into the audit record", invocation.Command);
        using var api = Api.Open(invocation);
        var options = invocation.CommandOptions(TestWaitSeconds);
        var answer = await api.CommandAsync(
            Routes.FenceTest(server), new FenceTestCommand(invocation.Has("really"), options), ControlJson.Default.FenceTestCommand, options).ConfigureAwait(false);
        var reply = answer.Read(ControlJson.Default.CommandReply);
        return api.PrintedAsJson(answer) ? reply.Code : ReplyText.Print(invocation, "Fence", reply);
    }

    public static async Task<ExitCode> StatusAsync(Invocation invocation)
    {
        using var api = Api.Open(invocation);
        var answer = await api.GetAsync(Routes.Status).ConfigureAwait(false);
        var status = answer.ReadStatus();
        var code = status.Arbiters.Any(a => a.State == "failed") ? ExitCode.Partial : ExitCode.Done;
        if (api.PrintedAsJson(answer))
            return code;
        await invocation.Host.Out.WriteAsync(status.Arbiters.Count == 0
            ? $"no arbiters are asked (on-partition = {status.OnPartition})\n"
            : ArbiterScreen.Append(new StringBuilder(), status).ToString()).ConfigureAwait(false);
        return code;
    }

    public static async Task<ExitCode> ConfirmAsync(Invocation invocation)
    {
        if (string.IsNullOrWhiteSpace(invocation.Text("reason")))
            throw new UsageException("clp fence confirm: --reason TEXT is missing; it says in the audit record how the server is known to be off", invocation.Command);
        using var api = Api.Open(invocation);
        var options = new CommandOptions(ConfirmWaitSeconds, invocation.Has("dry-run"), invocation.Text("reason"));
        var answer = await api.CommandAsync(Routes.FenceConfirm(invocation.Operands[0]), options, ControlJson.Default.CommandOptions, options).ConfigureAwait(false);
        var reply = answer.Read(ControlJson.Default.CommandReply);
        return api.PrintedAsJson(answer) ? reply.Code : ReplyText.Print(invocation, "Confirm", reply);
    }
}
