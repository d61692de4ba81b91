namespace ClusterActors.Model;

/// <summary>The hash of a configuration as people read it.</summary>
public static class ConfigHash
{
    private const int Shown = 12;

    /// <summary>Its beginning, enough to tell two configurations apart; everywhere of one length, so that sentences can be compared and searched for.</summary>
    public static string Short(string hash)
    {
        ArgumentNullException.ThrowIfNull(hash);
        return hash.Length > Shown ? hash[..Shown] : hash;
    }
}
