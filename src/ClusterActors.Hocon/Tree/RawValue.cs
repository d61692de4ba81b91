using System.Collections.Immutable;

namespace ClusterActors.Hocon.Tree;

/// <summary>A value as written, before substitutions are resolved.</summary>
internal abstract class RawValue(Origin origin)
{
    public Origin Origin { get; } = origin;
}

internal sealed class RawScalar(ConfigScalar value) : RawValue(value.Origin)
{
    public ConfigScalar Value { get; } = value;
}

internal sealed class RawList(Origin origin, ImmutableArray<RawValue> elements) : RawValue(origin)
{
    public ImmutableArray<RawValue> Elements { get; } = elements;
}

/// <summary><c>${path}</c> or <c>${?path}</c>.</summary>
/// <param name="origin">Where it stands.</param>
/// <param name="path">The path as written.</param>
/// <param name="isOptional">Whether no value is a value.</param>
/// <param name="prefixes">
/// Where to look, in order: an included file's substitutions are looked up below the place of the include first, then below the place
/// of the including file, and last from the root.
/// </param>
internal sealed class RawReference(Origin origin, ConfigPath path, bool isOptional, ImmutableArray<ConfigPath> prefixes) : RawValue(origin)
{
    public ConfigPath Path { get; } = path;

    public bool IsOptional { get; } = isOptional;

    public ImmutableArray<ConfigPath> Prefixes { get; } = prefixes;

    public override string ToString() => $"${{{(IsOptional ? "?" : "")}{Path}}}";
}

/// <summary>Several values side by side on one line, joined when resolved.</summary>
internal sealed class RawConcatenation(Origin origin, ImmutableArray<RawPiece> pieces) : RawValue(origin)
{
    public ImmutableArray<RawPiece> Pieces { get; } = pieces;

    public bool HasReference { get; } = pieces.Any(p => p.Value is RawReference);
}

/// <summary>One part of a concatenation. Unquoted blanks count between strings and are dropped between lists and objects.</summary>
internal readonly record struct RawPiece(RawValue Value, bool IsBlank);

/// <summary><c>key += value</c>: the element is added to the list that the key had before, wherever that came from.</summary>
internal sealed class RawAppend(Origin origin, RawValue element) : RawValue(origin)
{
    public RawItem Element { get; } = new(element, element.Origin, isWritten: true);
}

/// <summary>One definition of a key.</summary>
internal sealed class RawItem(RawValue value, Origin keyOrigin, bool isWritten)
{
    public RawValue Value { get; } = value;

    public Origin KeyOrigin { get; } = keyOrigin;

    /// <summary>False for the objects implied by a path such as <c>a.b = 1</c>, which is how one adds to an object on purpose.</summary>
    public bool IsWritten { get; } = isWritten;
}

/// <summary>An object as written: for each key all its definitions, oldest first. Nothing is merged before resolving.</summary>
internal sealed class RawObject(Origin origin) : RawValue(origin)
{
    private readonly Dictionary<string, List<RawItem>> _definitions = new(StringComparer.Ordinal);
    private readonly List<string> _keys = [];

    /// <summary>The keys in order of their first appearance.</summary>
    public IReadOnlyList<string> Keys => _keys;

    public IReadOnlyList<RawItem> Definitions(string key) => _definitions[key];

    public void Add(string key, RawItem item)
    {
        if (!_definitions.TryGetValue(key, out var items))
        {
            _definitions.Add(key, items = []);
            _keys.Add(key);
        }

        items.Add(item);
    }

    /// <summary>Adds <c>a.b.c = value</c> as a with an object with b with an object with c.</summary>
    public void Add(ConfigPath path, RawValue value, Origin keyOrigin)
    {
        var item = new RawItem(value, keyOrigin, isWritten: true);
        for (var i = path.Keys.Length - 1; i > 0; i--)
        {
            var implied = new RawObject(keyOrigin);
            implied.Add(path.Keys[i], item);
            item = new RawItem(implied, keyOrigin, isWritten: false);
        }

        Add(path.Keys[0], item);
    }

    /// <summary>Puts every definition of an included object on top of what is here.</summary>
    public void AddAll(RawObject included)
    {
        foreach (var key in included._keys)
        {
            foreach (var item in included._definitions[key]) Add(key, item);
        }
    }
}
