using ClusterActors.Cli.Parsing;
using ClusterActors.Control;
using ClusterActors.Control.Identity;

namespace ClusterActors.Cli.Commands;

/// <summary><c>clp cluster join --json</c>.</summary>
/// <param name="Renewed">It was in this cluster already.</param>
/// <param name="ConfigurationKept">A different cluster.conf was here and was left alone.</param>
internal sealed record JoinedJson(string Server, Guid ClusterId, bool Renewed, bool ConfigurationKept);

/// <summary><c>clp cluster join TOKEN</c>.</summary>
internal static class ClusterJoinCommand
{
    public static async Task<ExitCode> RunAsync(Invocation invocation)
    {
        var host = invocation.Host;
        var token = JoinToken.Parse(invocation.Operands[0]);
        var paths = new IdentityPaths(host.Root);
        var client = new JoinClient(token, ConfigCheckCommand.ServerName(invocation), paths, host.Time);
        var result = await client.JoinAsync(invocation.Has("force"), invocation.Cancellation).ConfigureAwait(false);
        invocation.Answer(
            new JoinedJson(result.Server, result.ClusterId, result.Renewed, result.ConfigurationKept), CliJson.Default.JoinedJson,
            result.Renewed ? $"{result.Server} belonged to cluster {result.ClusterId} already; its certificate is renewed" : $"{result.Server} joined cluster {result.ClusterId}");
        if (!result.ConfigurationKept)
            return ExitCode.Done;
        await host.Error.WriteLineAsync(
            $"{paths.ClusterConf}: it or a file that it includes differs from the first server's, and all were kept; make them equal (join again with --force to take the first server's): there is no automatic takeover while they differ").ConfigureAwait(false);
        return ExitCode.Partial;
    }
}
