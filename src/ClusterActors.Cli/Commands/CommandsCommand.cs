using ClusterActors.Cli.Parsing;
using ClusterActors.Control;

namespace ClusterActors.Cli.Commands;

/// <summary><c>clp commands</c>.</summary>
internal static class CommandsCommand
{
    public static async Task<ExitCode> RunAsync(Invocation invocation)
    {
        await invocation.Host.Out.WriteAsync(ReferenceText.Render(CommandTable.All)).ConfigureAwait(false);
        return ExitCode.Done;
    }
}
