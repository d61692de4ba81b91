using System.Collections.Immutable;
using System.Text;

namespace ClusterActors.Hocon;

/// <summary>The keys from the root of a configuration to one value. Written <c>a.b."c.d"</c>: dots inside quotes do not separate.</summary>
public sealed class ConfigPath : IEquatable<ConfigPath>
{
    /// <summary>The root itself.</summary>
    public static readonly ConfigPath Root = new([]);

    /// <summary>A path of the given keys; keys are taken literally.</summary>
    public ConfigPath(ImmutableArray<string> keys) => Keys = keys;

    /// <summary>The keys, outermost first.</summary>
    public ImmutableArray<string> Keys { get; }

    /// <summary>Reads a path expression. Throws <see cref="ConfigSyntaxException"/> when it is none.</summary>
    public static ConfigPath Parse(string expression)
    {
        // Almost every path in code is plain words and dots; only quotes, whitespace or odd characters need the tokenizer.
        var isPlain = expression.Length > 0 && expression[0] != '.' && expression[^1] != '.' && !expression.Contains("..", StringComparison.Ordinal);
        foreach (var c in expression)
            isPlain &= c is (>= 'a' and <= 'z') or (>= 'A' and <= 'Z') or (>= '0' and <= '9') or '-' or '_' or '.';
        return isPlain ? new ConfigPath([.. expression.Split('.')]) : Syntax.PathReader.Read(expression);
    }

    /// <summary>This path followed by one more key, taken literally.</summary>
    public ConfigPath Child(string key) => new(Keys.Add(key));

    /// <summary>This path followed by another.</summary>
    public ConfigPath Join(ConfigPath below) => Keys.IsEmpty ? below : below.Keys.IsEmpty ? this : new ConfigPath(Keys.AddRange(below.Keys));

    /// <inheritdoc/>
    public bool Equals(ConfigPath? other) => other is not null && Keys.AsSpan().SequenceEqual(other.Keys.AsSpan());

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ConfigPath);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var key in Keys) hash.Add(key, StringComparer.Ordinal);
        return hash.ToHashCode();
    }

    /// <summary>The path expression; keys that need quotes have them, so that <see cref="Parse"/> reads the same path back.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (var key in Keys)
        {
            if (text.Length > 0) text.Append('.');
            if (IsPlain(key)) text.Append(key);
            else ConfigRenderer.AppendQuoted(text, key);
        }

        return text.ToString();
    }

    internal static bool IsPlain(string key)
    {
        if (key.Length == 0) return false;
        foreach (var c in key)
        {
            if (c is not ((>= 'a' and <= 'z') or (>= 'A' and <= 'Z') or (>= '0' and <= '9') or '-' or '_')) return false;
        }

        return true;
    }
}
