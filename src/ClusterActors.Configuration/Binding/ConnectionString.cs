namespace ClusterActors.Configuration.Binding;

/// <summary>How to reach a PostgreSQL server. Read by the driver; here only its form is known.</summary>
internal static class ConnectionString
{
    /// <summary>Pairs of key and value, one of which names a host.</summary>
    public static bool IsWellFormed(string text)
    {
        var parts = text.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return Array.TrueForAll(parts, p => p.Contains('=', StringComparison.Ordinal))
            && Array.Exists(parts, p => p.Split('=', 2)[0].Trim().ToLowerInvariant() is "host" or "server");
    }
}
