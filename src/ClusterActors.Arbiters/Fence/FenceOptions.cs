using ClusterActors.Model;

namespace ClusterActors.Arbiters.Fence;

/// <summary>What is done to a server that must be excluded.</summary>
public enum FenceAction
{
    /// <summary>Switched off and left so.</summary>
    Off = 0,

    /// <summary>Switched off, which is the proof, and then on again.</summary>
    Reboot = 1,
}

/// <summary>One agent with its options.</summary>
/// <param name="Agent">Name of an installed agent (fence_ipmilan) or an absolute path.</param>
/// <param name="IsScript">A script of the site: it gets action and server as arguments too, and has no metadata.</param>
/// <param name="Options">For every server.</param>
/// <param name="PerServer">For one server each; they win over <see cref="Options"/>. A server without an entry is covered by the common ones.</param>
/// <param name="Only">The servers this device can exclude; empty = every one.</param>
public sealed record FenceDevice(
    string Agent, bool IsScript, IReadOnlyDictionary<string, string> Options,
    IReadOnlyDictionary<ServerName, IReadOnlyDictionary<string, string>> PerServer, IReadOnlyList<ServerName> Only)
{
    public bool Covers(ServerName server) => Only.Count == 0 || Only.Contains(server);

    /// <summary>The options that hold for one server.</summary>
    public Dictionary<string, string> For(ServerName server)
    {
        var all = new Dictionary<string, string>(Options, StringComparer.Ordinal);
        if (PerServer.TryGetValue(server, out var own))
            foreach (var (key, value) in own)
                all[key] = value;
        return all;
    }
}

/// <param name="Levels">Tried in order until one has excluded the server; all devices of a level must succeed (two power supplies).</param>
/// <param name="Timeout">Longest time one call of an agent may take; then it is killed with all it started.</param>
/// <param name="Retries">Further tries of an agent that failed, before its level has failed.</param>
/// <param name="Self">This server, told to scripts.</param>
public sealed record FenceOptions(
    IReadOnlyList<IReadOnlyList<FenceDevice>> Levels, FenceAction Action, TimeSpan Timeout, int Retries, ServerName Self);
