using ClusterActors.Cli.Parsing;
using ClusterActors.Control;

namespace ClusterActors.Cli.Commands;

/// <summary><c>clp version</c>.</summary>
internal static class VersionCommand
{
    public static Task<ExitCode> RunAsync(Invocation invocation)
    {
        var version = typeof(VersionCommand).Assembly.GetName().Version?.ToString(3) ?? "unknown";
        invocation.Host.Out.WriteLine(invocation.Has("json") ? $$"""{"version":"{{version}}"}""" : $"ClusterActors {version}");
        return Task.FromResult(ExitCode.Done);
    }
}
