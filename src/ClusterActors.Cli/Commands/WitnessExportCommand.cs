using System.Text;
using ClusterActors.Cli.Parsing;
using ClusterActors.Control;
using ClusterActors.Control.Identity;
using ClusterActors.Linux.Files;
using ClusterActors.Model.Voting;

namespace ClusterActors.Cli.Commands;

/// <summary><c>clp witness export --json</c>.</summary>
internal sealed record WitnessExportJson(string File, string Cluster, Guid ClusterId, int Servers);

/// <summary><c>clp witness export FILE</c>: what a witness must know of this cluster.</summary>
internal static class WitnessExportCommand
{
    public static Task<ExitCode> RunAsync(Invocation invocation)
    {
        var host = invocation.Host;
        var result = ConfigCheckCommand.Check(new IdentityPaths(host.Root).ClusterConf, server: null);
        if (result.Config is not { } config)
        {
            ConfigCheckCommand.Refuse(invocation, result);
            return Task.FromResult(ExitCode.Usage);
        }

        using var identity = ClusterIdentity.Load(host.Root);
        var file = new WitnessClusterFile(config.Name, identity.ClusterId, config.Servers.Count, identity.ClusterKey);
        var path = Path.GetFullPath(invocation.Operand ?? config.Name + WitnessClusterFile.Extension);
        DurableFile.Replace(path, Encoding.UTF8.GetBytes(file.Render()));
        invocation.Answer(
            new WitnessExportJson(path, config.Name, identity.ClusterId, config.Servers.Count), CliJson.Default.WitnessExportJson,
            $"{path}: written for cluster {config.Name} of {config.Servers.Count} servers; it holds the cluster's key. Carry it to the witness, run clpwitness cluster add there, and remove it here");
        return Task.FromResult(ExitCode.Done);
    }
}
