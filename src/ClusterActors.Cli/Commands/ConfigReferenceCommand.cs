using ClusterActors.Cli.Parsing;
using ClusterActors.Configuration;
using ClusterActors.Control;
using ClusterActors.Resources;

namespace ClusterActors.Cli.Commands;

/// <summary><c>clp config reference [TYPE]</c>: from the same descriptions that validation uses.</summary>
internal static class ConfigReferenceCommand
{
    public static async Task<ExitCode> RunAsync(Invocation invocation)
    {
        if (invocation.Operand is not { } type)
        {
            await invocation.Host.Out.WriteAsync(Reference.Text).ConfigureAwait(false);
            return ExitCode.Done;
        }

        if (ResourceTypes.All.FirstOrDefault(t => t.Description.Type == type) is not { } found)
        {
            await invocation.Host.Error.WriteLineAsync(
                $"clp config reference: there is no resource type {type}; there are {string.Join(", ", ResourceTypes.All.Select(t => t.Description.Type))}").ConfigureAwait(false);
            return ExitCode.NotFound;
        }

        await invocation.Host.Out.WriteAsync(Configuration.ReferenceText.For(found.Description)).ConfigureAwait(false);
        return ExitCode.Done;
    }
}
