using System.Collections.Immutable;

namespace ClusterActors.Hocon;

/// <summary>What a value is.</summary>
public enum ConfigValueKind
{
    /// <summary>Fields by key.</summary>
    Object,

    /// <summary>Elements in order.</summary>
    List,

    /// <summary>A string, quoted or not.</summary>
    String,

    /// <summary>A number, kept as written.</summary>
    Number,

    /// <summary><c>true</c> or <c>false</c>, unquoted.</summary>
    Boolean,

    /// <summary><c>null</c>: present, and hides what a fallback says.</summary>
    Null,

    /// <summary>Could not be read; the mistake has been reported, later checks keep quiet about it.</summary>
    Invalid,
}

/// <summary>A resolved, immutable value that knows where it was written.</summary>
public abstract class ConfigValue(ConfigValueKind kind, Origin origin)
{
    /// <summary>What it is.</summary>
    public ConfigValueKind Kind { get; } = kind;

    /// <summary>Where the value itself was written; for an object merged of several, the definition with the highest priority.</summary>
    public Origin Origin { get; } = origin;

    /// <summary>Number of values in it, itself included.</summary>
    internal abstract long Size { get; }

    /// <summary>Number of levels in it, its own included.</summary>
    internal abstract int Depth { get; }

    /// <summary>The value in one line of HOCON, keys in order of appearance.</summary>
    public override string ToString() => ConfigRenderer.Render(this);
}

/// <summary>A string, number, boolean or null.</summary>
public sealed class ConfigScalar(ConfigValueKind kind, string text, Origin origin) : ConfigValue(kind, origin)
{
    /// <summary>The string, or the number, boolean or null as written.</summary>
    public string Text { get; } = text;

    internal override long Size => 1;

    internal override int Depth => 1;
}

/// <summary>A list.</summary>
public sealed class ConfigList(ImmutableArray<ConfigValue> elements, Origin origin) : ConfigValue(ConfigValueKind.List, origin)
{
    /// <summary>The elements in order.</summary>
    public ImmutableArray<ConfigValue> Elements { get; } = elements;

    internal override long Size { get; } = 1 + elements.Sum(e => e.Size);

    internal override int Depth { get; } = 1 + elements.Select(e => e.Depth).DefaultIfEmpty().Max();
}

/// <summary>One definition of a field that took part in its value.</summary>
/// <param name="KeyOrigin">Where the key was written.</param>
/// <param name="IsWritten">False when the object is only implied by a longer path (<c>a.b = 1</c> implies a).</param>
/// <param name="IsObject">Whether the definition was an object literal.</param>
public sealed record ConfigDefinition(Origin KeyOrigin, bool IsWritten, bool IsObject);

/// <summary>A key with its value.</summary>
/// <param name="Key">The key.</param>
/// <param name="Value">The value.</param>
/// <param name="Definitions">The definitions that made the value, highest priority first; never empty.</param>
public sealed record ConfigField(string Key, ConfigValue Value, ImmutableArray<ConfigDefinition> Definitions)
{
    /// <summary>Where the key that decided the value was written: the place to show to a person.</summary>
    public Origin KeyOrigin => Definitions[0].KeyOrigin;
}
