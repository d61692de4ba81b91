using System.Globalization;
using System.Text;

namespace ClusterActors.Model.Voting;

/// <summary>
/// What a witness must know of a cluster, as a text file: made by <c>clp witness export</c> on a server, carried to the witness. Lines of
/// <c>key = value</c>; what follows a # is a comment.
/// </summary>
/// <param name="Name">Name of the cluster: 1 to 32 letters, digits, '-' or '_'.</param>
/// <param name="ClusterId">Id of the cluster.</param>
/// <param name="Servers">Number of configured servers, 1..32.</param>
/// <param name="Key">Cluster key, 32 bytes.</param>
public sealed record WitnessClusterFile(string Name, Guid ClusterId, int Servers, byte[] Key)
{
    /// <summary>End of the file names.</summary>
    public const string Extension = ".key";

    private const int KeyBytes = 32;

    /// <summary>The file's text.</summary>
    public string Render()
    {
        var text = new StringBuilder();
        text.Append("# Cluster file for a ClusterActors witness. It holds the cluster's key: keep it from everybody but root.\n");
        text.Append(CultureInfo.InvariantCulture, $"version = 1\nname = {Name}\nid = {ClusterId}\nservers = {Servers}\nkey = {Convert.ToHexStringLower(Key)}\n");
        return text.ToString();
    }

    /// <summary>Reads the text; throws <see cref="FormatException"/> that says where, what was found and what is allowed.</summary>
    public static WitnessClusterFile Parse(string text, string origin)
    {
        ArgumentNullException.ThrowIfNull(text);
        var values = Values(text, origin);
        Need(values, origin, "version", "1", v => v == "1");
        var name = Need(values, origin, "name", "1 to 32 letters, digits, '-' or '_'", IsName);
        var id = Need(values, origin, "id", "the cluster's id", v => Guid.TryParse(v, out _));
        var servers = Need(values, origin, "servers", "a whole number from 1 to 32", v => int.TryParse(v, NumberStyles.None, CultureInfo.InvariantCulture, out var n) && n is >= 1 and <= 32);
        var key = Need(values, origin, "key", "64 hexadecimal digits", v => v.Length == 2 * KeyBytes && v.All(char.IsAsciiHexDigit));
        return new WitnessClusterFile(name, Guid.Parse(id), int.Parse(servers, CultureInfo.InvariantCulture), Convert.FromHexString(key));
    }

    /// <summary>Whether a text may be the name of a cluster, and so of a file.</summary>
    public static bool IsName(string name) => name.Length is >= 1 and <= 32 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');

    private static Dictionary<string, string> Values(string text, string origin)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        var lines = text.Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            var line = lines[i].Split('#')[0].Trim();
            if (line.Length == 0)
                continue;
            var parts = line.Split('=', 2);
            if (parts.Length != 2 || !values.TryAdd(parts[0].Trim(), parts[1].Trim()))
                throw new FormatException($"{origin}:{i + 1}: '{(parts.Length == 2 ? parts[0].Trim() : "a line without =")}' is no new key = value; make the file again with 'clp witness export'");
        }

        return values;
    }

    private static string Need(Dictionary<string, string> values, string origin, string key, string allowed, Func<string, bool> check)
    {
        if (values.GetValueOrDefault(key) is { } value && check(value))
            return value;
        var found = key == "key" || !values.TryGetValue(key, out var text) ? (values.ContainsKey(key) ? "malformed" : "missing") : $"'{text}'";
        throw new FormatException($"{origin}: {key} is {found}; it must be {allowed}; make the file again with 'clp witness export'");
    }
}
