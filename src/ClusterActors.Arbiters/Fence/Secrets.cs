namespace ClusterActors.Arbiters.Fence;

/// <summary>Keeps passwords out of logs, events and answers: both where they are named and where an agent repeats them.</summary>
internal sealed class Secrets
{
    private const string Mask = "****";
    private const int ShortestHidden = 3;
    private static readonly string[] Words = ["pass", "secret", "token", "community", "private", "snmp_priv", "api_key", "apikey", "access_key"];
    private readonly string[] _values;

    public Secrets(IReadOnlyDictionary<string, string> options) =>
        // Longest first: a secret that contains another is hidden whole.
        _values = [.. options.Where(o => IsSecret(o.Key)).Select(o => o.Value).Where(v => v.Length >= ShortestHidden).OrderByDescending(v => v.Length)];

    public static bool IsSecret(string option) => Words.Any(word => option.Contains(word, StringComparison.OrdinalIgnoreCase));

    /// <summary>The options as they may be shown.</summary>
    public static string Show(IReadOnlyDictionary<string, string> options) =>
        string.Join(' ', options.OrderBy(o => o.Key, StringComparer.Ordinal).Select(o => $"{o.Key}={(IsSecret(o.Key) ? Mask : o.Value)}"));

    public string Hide(string text) => _values.Aggregate(text, (shown, value) => shown.Replace(value, Mask, StringComparison.Ordinal));
}
