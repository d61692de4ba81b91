using System.Collections.Immutable;

namespace ClusterActors.Hocon;

/// <summary>An object: fields by key, in order of their first appearance.</summary>
public sealed class ConfigObject : ConfigValue
{
    private readonly Dictionary<string, ConfigField> _byKey;

    /// <summary>An object of the given fields; keys must differ.</summary>
    /// <param name="fields">The fields in order.</param>
    /// <param name="origin">Where it was written.</param>
    /// <param name="hidesFallback">
    /// Whether a fallback adds nothing: true when the object was written over a value that is no object, which cuts it off from
    /// whatever lies below. Without this memory fallback would not be associative.
    /// </param>
    public ConfigObject(ImmutableArray<ConfigField> fields, Origin origin, bool hidesFallback = false)
        : base(ConfigValueKind.Object, origin)
    {
        Fields = fields;
        HidesFallback = hidesFallback;
        _byKey = new Dictionary<string, ConfigField>(fields.Length, StringComparer.Ordinal);
        long size = 1;
        var depth = 0;
        foreach (var field in fields)
        {
            _byKey.Add(field.Key, field);
            size += field.Value.Size;
            depth = Math.Max(depth, field.Value.Depth);
        }

        Size = size;
        Depth = 1 + depth;
    }

    /// <summary>The fields in order of first appearance.</summary>
    public ImmutableArray<ConfigField> Fields { get; }

    /// <summary>Whether <see cref="WithFallback"/> adds nothing.</summary>
    public bool HidesFallback { get; }

    internal override long Size { get; }

    internal override int Depth { get; }

    /// <summary>The field of a key, null when there is none.</summary>
    public ConfigField? Field(string key) => _byKey.GetValueOrDefault(key);

    /// <summary>This object over another: fields only there are added, objects in both are merged, everything else stays as here.</summary>
    public ConfigObject WithFallback(ConfigObject below)
    {
        if (HidesFallback) return this;
        var merged = ImmutableArray.CreateBuilder<ConfigField>(below.Fields.Length + Fields.Length);
        foreach (var lower in below.Fields) merged.Add(Field(lower.Key) is { } upper ? Merge(upper, lower) : lower);
        foreach (var upper in Fields)
        {
            if (below.Field(upper.Key) is null) merged.Add(upper);
        }

        return new ConfigObject(merged.ToImmutable(), Origin, below.HidesFallback);
    }

    /// <summary>
    /// The elements of an object whose keys are list positions (<c>{ "0": a, "2": b }</c>), by position; keys that are no position are
    /// ignored. Null when no key is a position.
    /// </summary>
    public ConfigList? AsList()
    {
        var elements = Fields
            .Select(f => (Position: Position(f.Key), f.Value))
            .Where(e => e.Position >= 0)
            .OrderBy(e => e.Position)
            .Select(e => e.Value)
            .ToImmutableArray();
        return elements.IsEmpty ? null : new ConfigList(elements, Origin);
    }

    internal static int Position(string key) =>
        key.Length > 0 && key.All(char.IsAsciiDigit) && int.TryParse(key, out var position) ? position : -1;

    private static ConfigField Merge(ConfigField upper, ConfigField lower)
    {
        if (upper.Value is not ConfigObject { HidesFallback: false } above) return upper;
        return lower.Value is ConfigObject below
            ? new ConfigField(upper.Key, above.WithFallback(below), upper.Definitions.AddRange(lower.Definitions))
            : upper with { Value = new ConfigObject(above.Fields, above.Origin, hidesFallback: true) };
    }
}
