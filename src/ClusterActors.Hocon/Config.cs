using System.Collections.Immutable;

namespace ClusterActors.Hocon;

/// <summary>
/// A resolved, immutable configuration: an object and the path at which it stands. Lookup walks the keys of the path and merges
/// nothing. Safe to share between threads.
/// </summary>
/// <remarks>
/// The getters convert as the specification's section "Automatic type conversions" says: numbers and booleans to strings, strings to
/// numbers and booleans, objects with positions as keys to lists; never null to anything. They throw
/// <see cref="ConfigMissingException"/> or <see cref="ConfigTypeException"/>; the Try forms return false when the value is missing or
/// null, and throw when it is there with another type.
/// </remarks>
public sealed partial class Config
{
    /// <summary>No keys at all.</summary>
    public static readonly Config Empty = new(new ConfigObject([], new Origin("empty", 0)));

    /// <summary>A configuration of an object.</summary>
    /// <param name="root">The object.</param>
    /// <param name="location">Where in a larger configuration it stands; only for messages.</param>
    public Config(ConfigObject root, ConfigPath? location = null)
    {
        Root = root;
        Location = location ?? ConfigPath.Root;
    }

    /// <summary>The object.</summary>
    public ConfigObject Root { get; }

    /// <summary>Where in the whole configuration it stands.</summary>
    public ConfigPath Location { get; }

    /// <summary>Parses and resolves a text without includes. Throws <see cref="ConfigException"/> for the first mistake.</summary>
    /// <param name="text">HOCON.</param>
    /// <param name="origin">Name of the text for messages, usually a file name.</param>
    /// <param name="environment">Where substitutions may fall back to; nowhere by default.</param>
    public static Config Parse(string text, string origin, EnvironmentLookup? environment = null) => ConfigDocument.Parse(text, origin).Resolve(environment);

    /// <summary>
    /// This configuration over another: what is here wins, objects in both are merged. Both are resolved already; to let substitutions
    /// see both, lay <see cref="ConfigDocument"/>s over each other. Associative: a.WithFallback(b).WithFallback(c) is
    /// a.WithFallback(b.WithFallback(c)).
    /// </summary>
    public Config WithFallback(Config below) => new(Root.WithFallback(below.Root), Location);

    /// <summary>The value at a path, null values included; null when there is nothing.</summary>
    public ConfigValue? Find(ConfigPath path)
    {
        ConfigValue value = Root;
        foreach (var key in path.Keys)
        {
            if ((value as ConfigObject)?.Field(key) is not { } field) return null;
            value = field.Value;
        }

        return value;
    }

    /// <summary>As <see cref="Find(ConfigPath)"/>.</summary>
    public ConfigValue? Find(string path) => Find(ConfigPath.Parse(path));

    /// <summary>Whether there is a value other than null.</summary>
    public bool Has(string path) => Find(path) is { Kind: not ConfigValueKind.Null };

    /// <summary>
    /// Where to send a person who asks about a path: the key's own line, or that of the nearest object around it when the key is not
    /// there.
    /// </summary>
    public Origin OriginOf(ConfigPath path)
    {
        var origin = Root.Origin;
        ConfigValue value = Root;
        foreach (var key in path.Keys)
        {
            if ((value as ConfigObject)?.Field(key) is not { } field) break;
            origin = field.KeyOrigin;
            value = field.Value;
        }

        return origin;
    }

    /// <summary>As <see cref="OriginOf(ConfigPath)"/>.</summary>
    public Origin OriginOf(string path) => OriginOf(ConfigPath.Parse(path));

    /// <summary>All fields that hold no object, with their full paths below this configuration, in order. Empty objects are among them.</summary>
    public IEnumerable<ConfigEntry> Entries() => Entries(Root, ConfigPath.Root);

    /// <inheritdoc/>
    public override string ToString() => ConfigRenderer.Render(Root);

    private static IEnumerable<ConfigEntry> Entries(ConfigObject parent, ConfigPath location)
    {
        foreach (var field in parent.Fields)
        {
            var path = location.Child(field.Key);
            if (field.Value is ConfigObject { Fields.IsEmpty: false } child)
            {
                foreach (var entry in Entries(child, path)) yield return entry;
            }
            else
            {
                yield return new ConfigEntry(path, field.Value, field.KeyOrigin);
            }
        }
    }

    private static ImmutableArray<ConfigValue>? ListOf(ConfigValue value) => value switch
    {
        ConfigList list => list.Elements,
        ConfigObject positions => positions.AsList()?.Elements,
        _ => null,
    };
}

/// <summary>One field of a configuration, found by <see cref="Config.Entries()"/>.</summary>
/// <param name="Path">Full path.</param>
/// <param name="Value">Its value.</param>
/// <param name="KeyOrigin">Where its key stands.</param>
public sealed record ConfigEntry(ConfigPath Path, ConfigValue Value, Origin KeyOrigin);
