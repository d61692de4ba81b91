using ClusterActors.Model;

namespace ClusterActors.Arbiters.Fence;

/// <summary>Which lines an agent gets, whether they can be right, and whether its success would prove anything. Pure.</summary>
public static class FenceOptionRules
{
    private const string Action = "action";

    /// <summary>Names under which agents take the outlet or guest to switch, the newer first.</summary>
    private static readonly string[] Plugs = ["plug", "port"];

    // Set by the caller for each call; written in the configuration they would switch something else than what was decided.
    private static readonly string[] Ours = [Action, "option", "nodename"];

    /// <summary>Agents that report success for a server which they did nothing to, by the names that they go by; their metadata does not tell.</summary>
    private static readonly (string Name, string What)[] OnlyLook =
    [
        ("fence_heuristics_", "only sends pings"),
        ("fence_crosslink", "takes a server that answers no ping for off"),
        ("fence_evacuate", "only has guests started elsewhere"),
    ];

    public static IReadOnlyList<string> Check(FenceMetadata metadata, IReadOnlyDictionary<string, string> options, ServerName server)
    {
        ArgumentNullException.ThrowIfNull(metadata);
        ArgumentNullException.ThrowIfNull(options);
        var problems = new List<string>();
        var lines = Lines(metadata, options, "off", server);
        foreach (var (name, value) in options)
        {
            if (Ours.Contains(name))
                problems.Add($"option {name} of {metadata.Name} is set by the cluster; take it out");
            else if (metadata.Parameters.All(p => p.Name != name))
                problems.Add($"{metadata.Name} has no option {name}; {metadata.Name} -o metadata lists them");
            if (value.AsSpan().IndexOfAny('\n', '\r', '\0') >= 0)
                problems.Add($"option {name} of {metadata.Name} has a line break");
        }

        // An older name of the same option counts.
        foreach (var needed in metadata.Parameters.Where(p => p.Required && p.Default is null && p.Name != Action && !p.IsDeprecated))
            if (!lines.ContainsKey(needed.Name) && !lines.ContainsKey(needed.Obsoletes ?? needed.Name))
                problems.Add($"{metadata.Name} needs option {needed.Name} for {server} ({needed.Description})");
        if (NoProof(metadata) is { } why)
            problems.Add(why);
        return problems;
    }

    /// <summary>Why its success is no proof that the server runs nothing any more; null = it can be one.</summary>
    private static string? NoProof(FenceMetadata metadata)
    {
        const string Remedy = "use an agent of its power supply, management controller or hypervisor";
        if (!metadata.Can("off") && !metadata.Can("reboot"))
            return $"{metadata.Name} has neither off nor reboot; it cannot exclude a server";
        if (metadata.NeedsUnfencing)
            return $"{metadata.Name} cuts storage or a port and does not stop the server, which keeps its addresses and programs; {Remedy}";
        return OnlyLook.FirstOrDefault(known => metadata.Name.StartsWith(known.Name, StringComparison.Ordinal)) is { Name: not null } look
            ? $"{metadata.Name} {look.What} and does not stop the server; {Remedy}"
            : null;
    }

    /// <summary>The lines for one call, action first.</summary>
    public static IReadOnlyDictionary<string, string> Lines(FenceMetadata? metadata, IReadOnlyDictionary<string, string> options, string action, ServerName server)
    {
        ArgumentNullException.ThrowIfNull(options);
        var lines = new Dictionary<string, string>(StringComparer.Ordinal) { [Action] = action };
        foreach (var (name, value) in options.Where(o => !Ours.Contains(o.Key)))
            lines[name] = value;
        lines["nodename"] = server.Value;
        // Where the agent insists on a plug and none is written, it is the server's own name (guests of a hypervisor).
        foreach (var plug in Plugs.Where(p => metadata?.Parameters.Any(m => m.Name == p && m.Required) == true && !Plugs.Any(lines.ContainsKey)))
            lines[plug] = server.Value;
        return lines;
    }
}
