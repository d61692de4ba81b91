using System.Text;
using System.Text.Json;
using ClusterActors.Cli.Parsing;
using ClusterActors.Configuration;
using ClusterActors.Control;
using ClusterActors.Hocon;
using ClusterActors.Resources;

namespace ClusterActors.Cli.Commands;

/// <summary><c>clp config check</c>, and the same check for the commands that start from a configuration.</summary>
internal static class ConfigCheckCommand
{
    public static async Task<ExitCode> RunAsync(Invocation invocation)
    {
        if (invocation.Has("any-server") && invocation.Has("server"))
            throw new UsageException("clp config check: --server and --any-server exclude each other; give one", invocation.Command);
        var file = invocation.Operand ?? invocation.Host.PathOf("/etc/clp/cluster.conf");
        var result = Check(file, invocation.Has("any-server") ? null : ServerName(invocation));
        if (invocation.Has("json"))
        {
            await invocation.Host.Out.WriteLineAsync(Json(result)).ConfigureAwait(false);
        }
        else if (result.Config is { } config)
        {
            await invocation.Host.Out.WriteLineAsync(
                $"{file}: good: cluster {config.Name}, {config.Servers.Count} servers, {config.Groups.Count} groups, heartbeat profile {config.Heartbeat.Profile}").ConfigureAwait(false);
        }
        else
        {
            await invocation.Host.Error.WriteAsync(Report(result)).ConfigureAwait(false);
            var kept = invocation.Host.PathOf(KeptConfig.Path);
            if (invocation.Operand is null && File.Exists(kept))
            {
                await invocation.Host.Error.WriteLineAsync(
                    $"{file} is not applied as long as it has problems: a node daemon that starts now keeps the configuration of its last good start, in force since {File.GetLastWriteTime(kept):yyyy-MM-dd HH:mm:ss}").ConfigureAwait(false);
            }
        }

        return result.Config is null ? ExitCode.Usage : ExitCode.Done;
    }

    /// <summary>This server's name for the configuration: as given, or the host's.</summary>
    public static string ServerName(Invocation invocation) => invocation.Text("server") ?? invocation.Host.HostName;

    /// <param name="server">Must be one of the servers; null = any.</param>
    /// <param name="files">Where to read from; null = the disk.</param>
    public static ClusterConfigResult Check(string file, string? server, IConfigFiles? files = null) =>
        ClusterConfigLoader.Load(file, files ?? new DiskConfigFiles(), ClusterConfigOptions.For([.. ResourceTypes.All], server));

    /// <summary>Every problem, one a line, and their number.</summary>
    public static string Report(ClusterConfigResult result)
    {
        var text = new StringBuilder();
        foreach (var problem in result.Problems)
            text.Append(problem).Append('\n');
        return text.Append(result.Problems.Length == 1 ? "1 problem\n" : $"{result.Problems.Length} problems\n").ToString();
    }

    /// <summary>What a command that starts from a configuration says of one that is wrong.</summary>
    public static void Refuse(Invocation invocation, ClusterConfigResult result)
    {
        if (invocation.Has("json"))
            invocation.Host.Out.WriteLine(Json(result));
        else
            invocation.Host.Error.Write(Report(result));
    }

    private static string Json(ClusterConfigResult result)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteBoolean("good", result.Config is not null);
            if (result.Config is { } config)
                json.WriteString("hash", config.Hash);
            json.WriteStartArray("problems");
            foreach (var problem in result.Problems)
            {
                json.WriteStartObject();
                json.WriteString("file", problem.Location.File);
                json.WriteNumber("line", problem.Location.Line);
                json.WriteString("problem", problem.Sentence);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(bytes.ToArray());
    }
}
