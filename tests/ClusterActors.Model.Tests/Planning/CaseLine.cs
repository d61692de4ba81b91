namespace ClusterActors.Model.Tests.Planning;

/// <summary>One statement: a keyword, bare words, <c>key=value</c> pairs.</summary>
internal sealed class CaseLine
{
    private readonly Dictionary<string, string> _pairs = [];
    private readonly HashSet<string> _read = [];

    private CaseLine(string keyword, List<string> words)
    {
        Keyword = keyword;
        Words = words;
    }

    public string Keyword { get; }

    public List<string> Words { get; }

    /// <summary>Null for an empty line or a comment.</summary>
    public static CaseLine? Parse(string line)
    {
        var tokens = Tokens(line);
        if (tokens.Count == 0)
            return null;
        var found = new CaseLine(tokens[0], []);
        foreach (var token in tokens.Skip(1))
        {
            var equals = token.IndexOf('=', StringComparison.Ordinal);
            if (equals < 0)
                found.Words.Add(token);
            else
                found._pairs.Add(token[..equals], token[(equals + 1)..]);
        }

        return found;
    }

    public string? Value(string key)
    {
        _read.Add(key);
        return _pairs.GetValueOrDefault(key);
    }

    public bool Flag(string word) => Words.Remove(word);

    public void RefuseUnread()
    {
        if (_pairs.Keys.FirstOrDefault(k => !_read.Contains(k)) is { } unread)
            throw new FormatException($"{Keyword} has no key {unread}");
    }

    private static List<string> Tokens(string line)
    {
        var tokens = new List<string>();
        var token = new System.Text.StringBuilder();
        var quoted = false;
        foreach (var c in line.TrimEnd() + " ")
        {
            if (c == '#' && !quoted)
                break;
            if (c == '"')
                quoted = !quoted;
            else if (c != ' ' || quoted)
                token.Append(c);
            else if (token.Length > 0)
            {
                tokens.Add(token.ToString());
                token.Clear();
            }
        }

        return tokens;
    }
}
