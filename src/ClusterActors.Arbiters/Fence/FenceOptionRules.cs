using ClusterActors.Model;

namespace ClusterActors.Arbiters.Fence;

/// <summary>Which lines an agent gets, and whether they can be right. Pure.</summary>
public static class FenceOptionRules
{
    private const string Action = "action";

    /// <summary>Names under which agents take the outlet or guest to switch, the newer first.</summary>
    private static readonly string[] Plugs = ["plug", "port"];

    // Set by the caller for each call; written in the configuration they would switch something else than what was decided.
    private static readonly string[] Ours = [Action, "option", "nodename"];

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

        // An older name of the same option counts: agents list both, and mark only one as required.
        foreach (var needed in metadata.Parameters.Where(p => p.Required && p.Default is null && p.Name != Action && !p.IsDeprecated))
            if (!lines.ContainsKey(needed.Name))
                problems.Add($"{metadata.Name} needs option {needed.Name} for {server} ({needed.Description})");
        if (!metadata.Can("off") && !metadata.Can("reboot"))
            problems.Add($"{metadata.Name} has neither off nor reboot; it cannot exclude a server");
        return problems;
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
