using System.Collections.Immutable;
using ClusterActors.Hocon.Tree;

namespace ClusterActors.Hocon.Resolving;

/// <summary>The definitions that compete for one key, highest priority first, and the value they gave once it is known.</summary>
internal sealed class Chain(ImmutableArray<RawItem> items)
{
    public ImmutableArray<RawItem> Items { get; } = items;

    public bool IsKnown { get; private set; }

    /// <summary>Null when the chain gives no value: nothing but optional substitutions without a value.</summary>
    public LazyValue? Value { get; private set; }

    public ConfigValue? Built { get; set; }

    public void Remember(LazyValue? value)
    {
        Value = value;
        IsKnown = true;
    }
}

/// <summary>A value known to its outermost layer: which keys or how many elements, but not yet what they hold.</summary>
internal abstract class LazyValue(Origin origin)
{
    public Origin Origin { get; } = origin;

    /// <summary>Whether two evaluations of one substitution came to the same.</summary>
    public static bool AreSame(LazyValue? a, LazyValue? b) => (a, b) switch
    {
        (null, null) => true,
        (LazyScalar x, LazyScalar y) => x.Value.Kind == y.Value.Kind && x.Value.Text == y.Value.Text,
        (LazyList x, LazyList y) => x.Elements.Length == y.Elements.Length && x.Elements.Zip(y.Elements).All(p => AreSame(p.First, p.Second)),
        (LazyObject x, LazyObject y) => x.Keys.Count == y.Keys.Count && x.Keys.All(k => y.Child(k) is { } other && AreSame(x.Child(k)!, other)),
        _ => false,
    };

    public abstract string Describe();

    private static bool AreSame(Chain a, Chain b) => ReferenceEquals(a, b) || a.Items.AsSpan().SequenceEqual(b.Items.AsSpan());
}

internal sealed class LazyScalar(ConfigScalar value) : LazyValue(value.Origin)
{
    public ConfigScalar Value { get; } = value;

    public override string Describe() => Value.Kind == ConfigValueKind.String ? $"the string \"{Value.Text}\"" : $"'{Value.Text}'";
}

internal sealed class LazyList(Origin origin, ImmutableArray<Chain> elements) : LazyValue(origin)
{
    public ImmutableArray<Chain> Elements { get; } = elements;

    public override string Describe() => "a list";
}

internal sealed class LazyObject : LazyValue
{
    private readonly Dictionary<string, Chain> _children = new(StringComparer.Ordinal);
    private readonly List<string> _keys = [];

    public LazyObject(RawObject raw)
        : base(raw.Origin)
    {
        foreach (var key in raw.Keys) Add(key, new Chain([.. raw.Definitions(key).Reverse()]));
    }

    private LazyObject(Origin origin, bool hidesLower)
        : base(origin) => HidesLower = hidesLower;

    public IReadOnlyList<string> Keys => _keys;

    /// <summary>See <see cref="ConfigObject.HidesFallback"/>.</summary>
    public bool HidesLower { get; }

    public Chain? Child(string key) => _children.GetValueOrDefault(key);

    /// <summary>This object over another: the definitions of a key in both line up, those here first.</summary>
    public LazyObject Over(LazyObject lower)
    {
        var merged = new LazyObject(Origin, lower.HidesLower);
        foreach (var key in lower._keys)
        {
            var below = lower._children[key];
            merged.Add(key, Child(key) is { } above ? new Chain([.. above.Items, .. below.Items]) : below);
        }

        foreach (var key in _keys)
        {
            if (lower.Child(key) is null) merged.Add(key, _children[key]);
        }

        return merged;
    }

    /// <summary>This object cut off from everything below.</summary>
    public LazyObject Closed()
    {
        if (HidesLower) return this;
        var closed = new LazyObject(Origin, hidesLower: true);
        foreach (var key in _keys) closed.Add(key, _children[key]);
        return closed;
    }

    /// <summary>Elements of an object whose keys are list positions; null when no key is one.</summary>
    public LazyList? AsList()
    {
        var elements = _keys.Where(k => ConfigObject.Position(k) >= 0).OrderBy(ConfigObject.Position).Select(k => _children[k]).ToImmutableArray();
        return elements.IsEmpty ? null : new LazyList(Origin, elements);
    }

    public override string Describe() => "an object";

    private void Add(string key, Chain chain)
    {
        _keys.Add(key);
        _children.Add(key, chain);
    }
}
