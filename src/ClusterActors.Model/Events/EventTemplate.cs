using System.Buffers;
using System.Collections.Immutable;
using System.Text;

namespace ClusterActors.Model.Events;

/// <summary>A text with named holes: <c>start of group {group} began</c>. Parsed once when the catalogue is read.</summary>
public sealed class EventTemplate
{
    private static readonly SearchValues<char> NameCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz-");

    private readonly ImmutableArray<Piece> _pieces;

    private sealed record Piece(string Text, bool IsParameter);

    private EventTemplate(string source, ImmutableArray<Piece> pieces)
    {
        Source = source;
        _pieces = pieces;
    }

    /// <summary>The template as written.</summary>
    public string Source { get; }

    /// <summary>Names of the holes in order of first use.</summary>
    public IEnumerable<string> Parameters => _pieces.Where(p => p.IsParameter).Select(p => p.Text).Distinct();

    /// <exception cref="FormatException">A brace is not closed, not opened, or encloses no name of a-z and hyphen.</exception>
    public static EventTemplate Parse(string source)
    {
        var pieces = ImmutableArray.CreateBuilder<Piece>();
        var rest = source.AsSpan();
        while (!rest.IsEmpty)
        {
            var open = rest.IndexOfAny('{', '}');
            if (open < 0)
            {
                pieces.Add(new(rest.ToString(), false));
                break;
            }

            if (rest[open] == '}')
                throw new FormatException($"\"{source}\" has a closing brace without an opening one");
            if (open > 0)
                pieces.Add(new(rest[..open].ToString(), false));
            rest = rest[(open + 1)..];
            var close = rest.IndexOf('}');
            if (close < 1 || rest[..close].ContainsAnyExcept(NameCharacters))
                throw new FormatException($"\"{source}\" has a brace that encloses no parameter name (a-z and hyphen)");
            pieces.Add(new(rest[..close].ToString(), true));
            rest = rest[(close + 1)..];
        }

        return new EventTemplate(source, pieces.ToImmutable());
    }

    /// <summary>Fills the holes. A hole without a value stays as written, so that an old event recorded before the
    /// text got a new parameter can still be read.</summary>
    public string Render(IReadOnlyList<EventParameter> parameters)
    {
        var text = new StringBuilder(Source.Length + 32);
        foreach (var (piece, isParameter) in _pieces)
        {
            if (!isParameter)
                text.Append(piece);
            else if (ValueOf(piece, parameters) is { } value)
                text.Append(value);
            else
                text.Append('{').Append(piece).Append('}');
        }

        return text.ToString();
    }

    private static string? ValueOf(string name, IReadOnlyList<EventParameter> parameters)
    {
        for (var i = 0; i < parameters.Count; i++)
            if (parameters[i].Name == name)
                return parameters[i].Value;
        return null;
    }
}
