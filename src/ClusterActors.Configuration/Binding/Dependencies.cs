namespace ClusterActors.Configuration.Binding;

/// <summary>Graphs of who needs whom, by name.</summary>
internal static class Dependencies
{
    /// <summary>
    /// One cycle for each set of things that need each other, beginning with the one that comes first in the file. An empty result
    /// means that an order exists.
    /// </summary>
    public static List<IReadOnlyList<string>> Cycles(IReadOnlyDictionary<string, IReadOnlyList<string>> needs)
    {
        var cycles = new List<IReadOnlyList<string>>();
        var seen = new HashSet<string>();
        foreach (var name in needs.Keys)
        {
            if (seen.Contains(name) || WayBack(name, needs) is not { } cycle) continue;
            cycles.Add(cycle);
            seen.UnionWith(cycle);
        }

        return cycles;
    }

    /// <summary>Whether something needs something else, directly or over others.</summary>
    public static bool Reaches(string from, string to, IReadOnlyDictionary<string, IReadOnlyList<string>> needs)
    {
        var seen = new HashSet<string>();
        var open = new Stack<string>([from]);
        while (open.TryPop(out var name))
        {
            if (name == to) return true;
            if (!seen.Add(name)) continue;
            foreach (var next in needs.GetValueOrDefault(name) ?? []) open.Push(next);
        }

        return false;
    }

    /// <summary>For each name the length of the longest way down: 0 needs nothing. Only for graphs without cycles.</summary>
    public static Dictionary<string, int> Depths(IReadOnlyDictionary<string, IReadOnlyList<string>> needs)
    {
        var depths = new Dictionary<string, int>();
        foreach (var name in needs.Keys) Depth(name, needs, depths);
        return depths;
    }

    private static int Depth(string name, IReadOnlyDictionary<string, IReadOnlyList<string>> needs, Dictionary<string, int> known)
    {
        if (known.TryGetValue(name, out var depth)) return depth;
        foreach (var below in needs.GetValueOrDefault(name) ?? []) depth = Math.Max(depth, 1 + Depth(below, needs, known));
        return known[name] = depth;
    }

    /// <summary>The shortest way from a name back to itself, breadth first; null when there is none.</summary>
    private static List<string>? WayBack(string start, IReadOnlyDictionary<string, IReadOnlyList<string>> needs)
    {
        var cameFrom = new Dictionary<string, string>();
        var open = new Queue<string>([start]);
        while (open.TryDequeue(out var name))
        {
            foreach (var next in needs.GetValueOrDefault(name) ?? [])
            {
                if (next == start)
                {
                    var way = new List<string>();
                    for (var at = name; at != start; at = cameFrom[at]) way.Insert(0, at);
                    way.Insert(0, start);
                    return way;
                }

                if (cameFrom.TryAdd(next, name)) open.Enqueue(next);
            }
        }

        return null;
    }
}
