using ClusterActors.Configuration;
using ClusterActors.Hocon;
using ClusterActors.Model;

namespace ClusterActors.Node.Composition;

/// <summary>
/// Which configuration this daemon runs with: cluster.conf when it is good, else that of the last good start. A daemon that ended instead
/// would end five times in a moment, and its guardian would make the server safe: a typing error would cost the groups.
/// </summary>
/// <param name="Config">Null: there is neither.</param>
/// <param name="Problems">What is wrong with cluster.conf; it is not in force when there is any.</param>
/// <param name="Kept">Why and since when the last good configuration is in force, as a sentence; null when cluster.conf is.</param>
internal sealed record ConfigurationInForce(ClusterConfig? Config, IReadOnlyList<ConfigProblem> Problems, string? Kept)
{
    /// <summary>There is no cluster.conf on this server.</summary>
    public bool IsMissing { get; private init; }

    /// <summary>cluster.conf has no server of this host's name.</summary>
    public bool HostIsUnknown { get; private init; }

    /// <summary>Chooses, and keeps what was chosen from cluster.conf.</summary>
    /// <param name="log">Takes a sentence when nothing could be kept or what was kept cannot be used.</param>
    public static ConfigurationInForce Choose(NodePaths paths, Guid cluster, IConfigFiles disk, ClusterConfigOptions options, Action<string> log)
    {
        var recording = new RecordingConfigFiles(disk);
        var written = ClusterConfigLoader.Load(paths.ClusterConf, recording, options);
        if (written.Config is not null)
        {
            Keep(new KeptConfig(cluster, paths.ClusterConf, recording.Files), paths.KeptConf, log);
            return new(written.Config, [], null);
        }

        if (ReadKept(paths.KeptConf, cluster, options, log) is not { } kept)
            return new(null, written.Problems, null) { IsMissing = !File.Exists(paths.ClusterConf), HostIsUnknown = written.HostIsUnknown };
        var first = written.Problems[0];
        var more = written.Problems.Length == 1 ? "" : $" and {written.Problems.Length - 1} more problems (clp config check)";
        return new(kept, written.Problems,
            $"{paths.ClusterConf} is not in force: {first}{more}; the configuration of the last good start is, as of {File.GetLastWriteTime(paths.KeptConf):yyyy-MM-dd HH:mm:ss}; repair the file and restart clpd");
    }

    private static void Keep(KeptConfig config, string path, Action<string> log)
    {
        try
        {
            config.Write(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            log($"the configuration could not be kept for a start with a broken cluster.conf: {e.Message}");
        }
    }

    private static ClusterConfig? ReadKept(string path, Guid cluster, ClusterConfigOptions options, Action<string> log)
    {
        if (KeptConfig.Read(path, out var problem) is not { } kept)
        {
            log($"there is no last good configuration to go on with: {problem}");
            return null;
        }

        if (kept.ClusterId != cluster)
        {
            log($"{path} belongs to cluster {kept.ClusterId}; it is not used");
            return null;
        }

        var loaded = kept.Load(options);
        foreach (var wrong in loaded.Problems)
            log($"{path}: not good for this release or host: {wrong}");
        return loaded.Config;
    }
}
