using ClusterActors.Hocon.Tree;

namespace ClusterActors.Hocon.Resolving;

/// <summary>
/// Tree to values. The intuition is lazy evaluation: a value is worked out only as deep as someone looks, so an object may refer to its
/// own parts, and a substitution that is overridden is never looked at.
/// <para>
/// Looking back: while a definition that holds a substitution is being worked out, whoever asks for the same key sees only the
/// definitions below it. That gives <c>path = ${path}":/bin"</c> its older value, also when the way back to the key leads over other
/// substitutions. A definition with nothing below it may be entered again only when further definitions have been set aside since (each
/// entry sets one more aside, so this ends); entered again with nothing changed it is a cycle and has no value.
/// </para>
/// <para>
/// A value found while something is set aside holds only there; it is remembered only when it did not depend on that. A substitution
/// that came to two different values on two ways is refused: the result would depend on where one starts to read.
/// </para>
/// </summary>
internal sealed partial class Resolver(Chain root, EnvironmentLookup environment, List<ConfigException>? problems)
{
    private const int DeepestReferences = 250;
    private const int MostSteps = 2_000_000;
    private const int NotHit = int.MaxValue;

    private readonly Dictionary<RawValue, LazyValue> _literals = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<RawReference, LazyValue?> _found = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<RawValue, ConfigResolveException> _loops = new(ReferenceEqualityComparer.Instance);
    private readonly List<Active> _active = [];
    private int _setAside;
    private int _steps;

    /// <summary>The lowest place in <see cref="_active"/> that the evaluation in hand ran into.</summary>
    private int _lowestHit = NotHit;

    /// <param name="Item">The definition being worked out.</param>
    /// <param name="HasBelow">Whether older definitions are left for those who look back.</param>
    /// <param name="SetAside">How many definitions had been set aside when it was entered.</param>
    private readonly record struct Active(RawItem Item, bool HasBelow, int SetAside);

    /// <summary>Works a chain out to its outermost layer; null when it has no value.</summary>
    private LazyValue? Evaluate(Chain chain)
    {
        if (chain.IsKnown) return chain.Value;
        if (++_steps > MostSteps)
            throw new ConfigResolveException(chain.Items[0].Value.Origin, $"substitutions need more than {MostSteps} steps to resolve; they refer to each other too often, simplify them");

        var height = _active.Count;
        var outerHit = _lowestHit;
        _lowestHit = NotHit;
        LazyValue? value = null;
        for (var i = FirstVisible(chain); i < chain.Items.Length; i++)
        {
            var lower = EvaluateItem(chain, i);
            if (lower is null) continue;
            value = value is LazyObject upper ? (lower is LazyObject below ? upper.Over(below) : upper.Closed()) : lower;
            if (value is not LazyObject { HidesLower: false }) break;
        }

        if (_lowestHit >= height)
        {
            chain.Remember(value);
            _lowestHit = NotHit;
        }

        _lowestHit = Math.Min(_lowestHit, outerHit);
        return value;
    }

    /// <summary>Index of the first definition that may be seen: the one below the lowest that is being worked out.</summary>
    private int FirstVisible(Chain chain)
    {
        if (_active.Count == 0) return 0;
        for (var i = chain.Items.Length - 1; i >= 0; i--)
        {
            for (var at = _active.Count - 1; at >= 0; at--)
            {
                var active = _active[at];
                if (!ReferenceEquals(active.Item, chain.Items[i])) continue;
                if (!active.HasBelow && active.SetAside != _setAside) break;
                _lowestHit = Math.Min(_lowestHit, at);
                return i + 1;
            }
        }

        return 0;
    }

    private LazyValue? EvaluateItem(Chain chain, int index)
    {
        var item = chain.Items[index];
        switch (item.Value)
        {
            case RawReference or RawConcatenation { HasReference: true }:
                if (_active.Count >= DeepestReferences)
                    throw new ConfigResolveException(item.Value.Origin, $"substitutions refer to each other over more than {DeepestReferences} steps; shorten the way");
                var isOutermost = _active.Count == 0;
                var hasBelow = index + 1 < chain.Items.Length;
                _active.Add(new Active(item, hasBelow, _setAside));
                _setAside += hasBelow ? 1 : 0;
                try
                {
                    return Evaluate(item.Value);
                }
                catch (ConfigResolveException problem) when (problems is not null && isOutermost)
                {
                    return Note(problem);
                }
                finally
                {
                    _setAside -= hasBelow ? 1 : 0;
                    _active.RemoveAt(_active.Count - 1);
                }

            case RawAppend:
                return Append(chain, index);
            default:
                return Evaluate(item.Value);
        }
    }

    private LazyValue? Evaluate(RawValue value)
    {
        switch (value)
        {
            case RawReference reference: return Find(reference);
            case RawConcatenation concatenation: return Join(concatenation);
        }

        // One lazy value per literal: aliases of it share what has been worked out, and cycles are seen as such.
        if (_literals.TryGetValue(value, out var known)) return known;
        LazyValue literal = value switch
        {
            RawScalar scalar => new LazyScalar(scalar.Value),
            RawList list => new LazyList(list.Origin, [.. list.Elements.Select(Element)]),
            _ => new LazyObject((RawObject)value),
        };
        _literals.Add(value, literal);
        return literal;
    }

    private static Chain Element(RawValue value) => new([new RawItem(value, value.Origin, isWritten: true)]);

    private LazyValue? Find(RawReference reference)
    {
        var outerHit = _lowestHit;
        _lowestHit = NotHit;
        LazyValue? value = null;
        foreach (var prefix in reference.Prefixes)
        {
            value = Find(prefix.Join(reference.Path));
            if (value is not null) break;
        }

        var ranIntoItself = _lowestHit != NotHit;
        _lowestHit = Math.Min(_lowestHit, outerHit);
        value ??= FromEnvironment(reference);
        if (value is null && !reference.IsOptional) throw Missing(reference, ranIntoItself);
        if (!_found.TryAdd(reference, value) && !LazyValue.AreSame(_found[reference], value))
        {
            throw InLoop(
                reference,
                $"{reference} is part of a loop of substitutions ({Loop()}) and would be {Describe(_found[reference])} or {Describe(value)} depending on where reading starts; break the loop");
        }

        return value;
    }

    private LazyValue? Find(ConfigPath path)
    {
        var value = Evaluate(root);
        foreach (var key in path.Keys)
        {
            if (value is LazyScalar { Value.Kind: ConfigValueKind.Invalid }) return value;
            if (value is not LazyObject parent || parent.Child(key) is not { } child) return null;
            value = Evaluate(child);
        }

        return value;
    }

    private LazyScalar? FromEnvironment(RawReference reference)
    {
        var name = reference.Path.Keys.Length == 1 ? reference.Path.Keys[0] : reference.Path.ToString();
        return environment(name) is { } text ? new LazyScalar(new ConfigScalar(ConfigValueKind.String, text, Origin.Environment(name))) : null;
    }

    private ConfigResolveException Missing(RawReference reference, bool ranIntoItself) => ranIntoItself
        ? InLoop(
            reference,
            $"{reference} refers back to itself ({Loop()}) and there is no earlier value to use; give '{reference.Path}' a value first, or write ${{?{reference.Path}}}")
        : new ConfigResolveException(
            reference.Origin,
            $"{reference} has no value: '{reference.Path}' is {Searched}; define it, or write ${{?{reference.Path}}} if it may be missing");

    private string Searched => ReferenceEquals(environment, ConfigEnvironment.None)
        ? "not in the configuration, and the environment is not looked at"
        : "neither in the configuration nor in the environment";

    /// <summary>A loop is met again by whoever leads into it. It is told with the way on which it was met first, and so is one problem.</summary>
    private ConfigResolveException InLoop(RawValue closing, string problem)
    {
        if (!_loops.TryGetValue(closing, out var known)) _loops.Add(closing, known = new ConfigResolveException(closing.Origin, problem));
        return known;
    }

    private string Loop() => string.Join(" -> ", _active.Select(a => a.Item.KeyOrigin.ToString()).Distinct());

    private static string Describe(LazyValue? value) => value?.Describe() ?? "missing";

    private LazyScalar Note(ConfigException problem)
    {
        problems!.Add(problem);
        return new LazyScalar(new ConfigScalar(ConfigValueKind.Invalid, "", problem.Origin));
    }
}
