using System.Collections.Immutable;
using System.Text;
using ClusterActors.Hocon.Tree;

namespace ClusterActors.Hocon.Resolving;

/// <summary>Concatenation: strings to a string, lists to a list, objects merged; the specification's section "Value concatenation".</summary>
internal sealed partial class Resolver
{
    private LazyValue? Join(RawConcatenation concatenation)
    {
        var parts = new List<(LazyValue? Value, RawPiece Piece)>(concatenation.Pieces.Length);
        foreach (var piece in concatenation.Pieces) parts.Add((Evaluate(piece.Value), piece));
        if (parts.Any(p => p.Value is LazyScalar { Value.Kind: ConfigValueKind.Invalid }))
            return new LazyScalar(new ConfigScalar(ConfigValueKind.Invalid, "", concatenation.Origin));

        var present = parts.Where(p => p.Value is not null && !p.Piece.IsBlank).ToList();
        if (present.Count == 0) return null;
        if (present.All(p => p.Value is LazyScalar)) return JoinStrings(concatenation.Origin, parts);
        if (present.All(p => p.Value is LazyObject))
            return present.Select(p => (LazyObject)p.Value!).Aggregate((lower, upper) => upper.Over(lower));
        if (present.Any(p => p.Value is LazyList)) return JoinLists(concatenation.Origin, present);
        throw CannotJoin(present[0].Value!, present.First(p => p.Value!.GetType() != present[0].Value!.GetType()));
    }

    private static LazyScalar JoinStrings(Origin origin, List<(LazyValue? Value, RawPiece Piece)> parts)
    {
        // A substitution without a value counts as an empty string here; the blanks around it stay.
        var text = new StringBuilder();
        foreach (var (value, _) in parts) text.Append((value as LazyScalar)?.Value.Text);
        return new LazyScalar(new ConfigScalar(ConfigValueKind.String, text.ToString(), origin));
    }

    private static LazyList JoinLists(Origin origin, List<(LazyValue? Value, RawPiece Piece)> parts)
    {
        var elements = ImmutableArray.CreateBuilder<Chain>();
        foreach (var part in parts)
        {
            var list = part.Value as LazyList ?? (part.Value as LazyObject)?.AsList();
            elements.AddRange(list?.Elements ?? throw CannotJoin(parts.First(p => p.Value is LazyList).Value!, part));
        }

        return new LazyList(origin, elements.ToImmutable());
    }

    /// <summary>All the appends that follow one another at once: one within the other, a list of thousands would use up the stack.</summary>
    private LazyValue Append(Chain chain, int newest)
    {
        var end = newest;
        while (end < chain.Items.Length && chain.Items[end].Value is RawAppend) end++;
        var origin = chain.Items[newest].Value.Origin;
        var added = chain.Items[newest..end].Reverse().Select(i => new Chain([((RawAppend)i.Value).Element]));
        switch (end == chain.Items.Length ? null : Evaluate(new Chain(chain.Items[end..])))
        {
            case null:
                return new LazyList(origin, [.. added]);
            case LazyScalar { Value.Kind: ConfigValueKind.Invalid } invalid:
                return invalid;
            case LazyList list:
                return new LazyList(origin, [.. list.Elements, .. added]);
            case LazyObject positions when positions.AsList() is { } list:
                return new LazyList(origin, [.. list.Elements, .. added]);
            case var other:
                var problem = new ConfigResolveException(
                    chain.Items[end - 1].Value.Origin,
                    $"'+=' adds to a list, but the value before is {other.Describe()} ({other.Origin}); make that a list, or use '=' to replace it");
                if (problems is null || _active.Count > 0) throw problem;
                return Note(problem);
        }
    }

    private static ConfigResolveException CannotJoin(LazyValue first, (LazyValue? Value, RawPiece Piece) other) => new(
        other.Piece.Value.Origin,
        $"found {other.Value!.Describe()} beside {first.Describe()}; only strings, or only lists, or only objects can stand side by side; separate them with a comma or a new line, or quote them");
}
