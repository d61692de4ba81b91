using System.Collections.Immutable;
using System.Text;
using ClusterActors.Hocon.Tree;

namespace ClusterActors.Hocon.Syntax;

/// <summary>
/// Tokens to tree. A mistake is noted, the rest of its line skipped and parsing goes on, so that one run reports them all; the damaged
/// field keeps an <see cref="ConfigValueKind.Invalid"/> value, which stops later checks from complaining that it is missing.
/// </summary>
internal sealed partial class HoconParser
{
    private const int DeepestNesting = 200;
    private const int MostProblems = 200;

    private readonly SourceScope _scope;
    private readonly List<Token> _tokens;
    private int _at;
    private int _nesting;

    private HoconParser(string text, SourceScope scope)
    {
        _scope = scope;
        _nesting = scope.Nesting;
        _tokens = Tokenizer.Read(text);
    }

    /// <summary>Parses a whole text: an object, an object without its braces, or a list.</summary>
    public static RawValue Parse(string text, SourceScope scope) => new HoconParser(text, scope).ParseRoot();

    private Token Current => _tokens[_at];

    private Origin Here => new(_scope.File, Current.Line);

    private RawValue ParseRoot()
    {
        SkipBlanks();
        var origin = Here;
        RawValue root;
        switch (Current.Kind)
        {
            case TokenKind.OpenBrace:
                root = ParseObject(ConfigPath.Root);
                break;
            case TokenKind.OpenBracket:
                try
                {
                    root = ParseList();
                }
                catch (ConfigException problem) when (problem is ConfigSyntaxException or ConfigFileException)
                {
                    // The list is the whole file: nothing is left to go on with.
                    Note(problem);
                    return new RawObject(origin);
                }

                break;
            default:
                var fields = new RawObject(origin);
                ParseFields(fields, ConfigPath.Root, TokenKind.End);
                return fields;
        }

        SkipBlanks();
        if (Current.Kind != TokenKind.End)
            Note(Unexpected($"after the end of the file's {(root is RawList ? "list" : "object")}; remove it, or remove the outer braces"));
        return root;
    }

    private RawObject ParseObject(ConfigPath? path)
    {
        var result = new RawObject(Here);
        Enter(1);
        _at++;
        ParseFields(result, path, TokenKind.CloseBrace);
        if (Current.Kind == TokenKind.CloseBrace) _at++;
        else Note(new ConfigSyntaxException(result.Origin, "the '{' here is never closed; add its '}'"));
        _nesting--;
        return result;
    }

    private void ParseFields(RawObject into, ConfigPath? path, TokenKind end)
    {
        SkipBlanks();
        while (Current.Kind != end && Current.Kind != TokenKind.End)
        {
            var before = _at;
            var nesting = _nesting;
            try
            {
                ParseField(into, path);
                RequireSeparator(end, "field");
            }
            catch (ConfigException problem) when (problem is ConfigSyntaxException or ConfigFileException)
            {
                Note(problem);
                SkipRestOfLine(end, before);
            }

            // Leaves the levels of the key, and those that a mistake left open.
            _nesting = nesting;
        }
    }

    private void ParseField(RawObject into, ConfigPath? path)
    {
        if (Current is { Kind: TokenKind.Unquoted, Text: "include" })
        {
            ParseInclude(into, path);
            return;
        }

        var keyOrigin = Here;
        var key = ParseKey();
        Enter(key.Keys.Length - 1);
        var fullPath = path?.Join(key);
        SkipBlanks();
        var separator = Current.Kind;
        try
        {
            if (separator is TokenKind.Colon or TokenKind.EqualSign or TokenKind.PlusEquals) _at++;
            else if (separator != TokenKind.OpenBrace)
                throw Unexpected($"after the key '{key}'; allowed are ':', '=', '+=' or '{{'");
            if (separator != TokenKind.OpenBrace) SkipToValue(key, keyOrigin);
            var value = ParseValue(fullPath);
            into.Add(key, separator == TokenKind.PlusEquals ? new RawAppend(keyOrigin, value) : value, keyOrigin);
        }
        catch (ConfigException)
        {
            into.Add(key, Invalid(keyOrigin), keyOrigin);
            throw;
        }
    }

    /// <summary>
    /// A value may begin on a later line than its key. When it is another field that begins there, or the object ends, the value was
    /// forgotten: that is said of the key, and what stands there is left to be read as what it is, or it would be missed later.
    /// </summary>
    private void SkipToValue(ConfigPath key, Origin keyOrigin)
    {
        var start = _at;
        if (!SkipBlanks() || !(IsFieldAhead() || Current.Kind is TokenKind.CloseBrace or TokenKind.End)) return;
        _at = start;
        throw new ConfigSyntaxException(keyOrigin, $"the key '{key}' has no value; write one behind the '{_tokens[start - 1].Text}', or remove the line");
    }

    /// <summary>Whether a key with its separator stands here; no value is followed by one of those, nor a string by an object.</summary>
    private bool IsFieldAhead()
    {
        var end = _at;
        while (_tokens[end].Kind is TokenKind.Space or TokenKind.Quoted or TokenKind.Unquoted or TokenKind.Number) end++;
        return end > _at && _tokens[end].Kind is TokenKind.Colon or TokenKind.EqualSign or TokenKind.PlusEquals or TokenKind.OpenBrace;
    }

    private ConfigPath ParseKey()
    {
        var parts = new List<Token>();
        while (Current.Kind is TokenKind.Space or TokenKind.Quoted or TokenKind.Unquoted or TokenKind.Number)
        {
            parts.Add(Current);
            _at++;
        }

        if (parts.Count == 0) throw Unexpected("where a key is expected");
        if (parts[0] is { Kind: TokenKind.Unquoted } start && start.Text.StartsWith("include.", StringComparison.Ordinal))
            throw Error("a key cannot start with the unquoted word include; write \"include\" in quotes, or a file name to include one");
        if (Current.Kind == TokenKind.Reference) throw Error($"found {Current.Text} in a key; substitutions are only allowed in values");
        return PathReader.Read(parts, out var complaint) ?? throw Error($"the key {complaint}");
    }

    /// <summary>A value ends at a newline, a comma or a closing bracket; everything before that on the line belongs to it.</summary>
    private RawValue ParseValue(ConfigPath? path)
    {
        var origin = Here;
        var pieces = ImmutableArray.CreateBuilder<RawPiece>();
        Token? blank = null;
        while (true)
        {
            var token = Current;
            RawValue? piece = null;
            switch (token.Kind)
            {
                case TokenKind.Space:
                    blank = token;
                    _at++;
                    continue;
                case TokenKind.Quoted or TokenKind.Unquoted or TokenKind.Number:
                    piece = new RawScalar(Scalar(token));
                    break;
                case TokenKind.Reference:
                    if (_scope.IsInsideList)
                        throw Error($"found {token.Text} in a file that is included inside a list, where it has no place to look; move the include out of the list");
                    piece = new RawReference(Here, token.Path!, token.IsOptional, _scope.Prefixes);
                    break;
                case TokenKind.OpenBrace or TokenKind.OpenBracket:
                    AddBlank(pieces, blank);
                    pieces.Add(new RawPiece(token.Kind == TokenKind.OpenBrace ? ParseObject(path) : ParseList(), false));
                    blank = null;
                    continue;
                case TokenKind.Bad:
                    throw Error(token.Text);
                case TokenKind.Colon or TokenKind.EqualSign or TokenKind.PlusEquals:
                    throw Error($"found '{token.Text}' in a value; put the value into double quotes if it belongs to it, or begin the next field on a new line");
            }

            if (piece is null) return Join(origin, pieces);
            AddBlank(pieces, blank);
            pieces.Add(new RawPiece(piece, false));
            blank = null;
            _at++;
        }
    }

    private static void AddBlank(ImmutableArray<RawPiece>.Builder pieces, Token? blank)
    {
        if (blank is { } token && pieces.Count > 0)
            pieces.Add(new RawPiece(new RawScalar(new ConfigScalar(ConfigValueKind.String, token.Text, pieces[0].Value.Origin)), true));
    }

    private RawValue Join(Origin origin, ImmutableArray<RawPiece>.Builder pieces)
    {
        switch (pieces.Count)
        {
            case 0: throw Error($"found {Describe(Current)} where a value is expected; an empty string is written \"\"");
            case 1: return pieces[0].Value;
        }

        if (!pieces.All(p => p.Value is RawScalar)) return new RawConcatenation(origin, pieces.ToImmutable());
        var text = new StringBuilder();
        foreach (var piece in pieces) text.Append(((RawScalar)piece.Value).Value.Text);
        return new RawScalar(new ConfigScalar(ConfigValueKind.String, text.ToString(), origin));
    }

    private RawList ParseList()
    {
        var origin = Here;
        var elements = ImmutableArray.CreateBuilder<RawValue>();
        Enter(1);
        _at++;
        SkipBlanks();
        while (Current.Kind is not (TokenKind.CloseBracket or TokenKind.End))
        {
            // A list that lost its bracket would swallow the rest of the file as elements; a separator shows it early.
            elements.Add(ParseValue(null));
            RequireSeparator(TokenKind.CloseBracket, "element");
        }

        if (Current.Kind == TokenKind.End) throw new ConfigSyntaxException(origin, "the '[' here is never closed; add its ']'");
        _at++;
        _nesting--;
        return new RawList(origin, elements.ToImmutable());
    }

    /// <summary>One comma, or a newline, or the end; one comma may stand before the end.</summary>
    private void RequireSeparator(TokenKind end, string what)
    {
        var isSeparated = SkipBlanks();
        if (Current.Kind == TokenKind.Comma)
        {
            _at++;
            SkipBlanks();
            if (Current.Kind == TokenKind.Comma) throw Error($"found two commas with no {what} between them; remove one");
            return;
        }

        if (!isSeparated && Current.Kind != end && Current.Kind != TokenKind.End)
            throw Unexpected($"after {(what == "element" ? "an" : "a")} {what}; the next {what} begins after a comma or on a new line");
    }

    private ConfigScalar Scalar(Token token)
    {
        var kind = token.Kind switch
        {
            TokenKind.Number => ConfigValueKind.Number,
            TokenKind.Unquoted when token.Text is "true" or "false" => ConfigValueKind.Boolean,
            TokenKind.Unquoted when token.Text is "null" => ConfigValueKind.Null,
            _ => ConfigValueKind.String,
        };
        return new ConfigScalar(kind, token.Text, new Origin(_scope.File, token.Line));
    }

    private static RawScalar Invalid(Origin origin) => new(new ConfigScalar(ConfigValueKind.Invalid, "", origin));

    /// <summary>Skips whitespace and newlines; true when a newline was among them.</summary>
    private bool SkipBlanks()
    {
        var hasNewLine = false;
        for (; Current.Kind is TokenKind.Space or TokenKind.NewLine; _at++) hasNewLine |= Current.Kind == TokenKind.NewLine;
        return hasNewLine;
    }

    /// <summary>
    /// After a mistake: go on at the next line, keeping the braces opened since balanced, so that the fields after a damaged one are
    /// still read at their own depth. A list is taken to end with its line, since a lost bracket is likelier than a lost brace.
    /// </summary>
    private void SkipRestOfLine(TokenKind end, int fieldStart)
    {
        var open = 0;
        for (var i = fieldStart; i < _at; i++) open = Math.Max(0, open + Depth(_tokens[i].Kind));
        while (Current.Kind != TokenKind.End && (open > 0 || (Current.Kind != TokenKind.NewLine && Current.Kind != end)))
        {
            open = Math.Max(0, open + Depth(Current.Kind));
            _at++;
        }

        SkipBlanks();
        while (Current.Kind is TokenKind.CloseBracket or TokenKind.Comma || (Current.Kind == TokenKind.CloseBrace && end == TokenKind.End))
        {
            _at++;
            SkipBlanks();
        }
    }

    private static int Depth(TokenKind kind) => kind switch
    {
        TokenKind.OpenBrace => 1,
        TokenKind.CloseBrace => -1,
        _ => 0,
    };

    private void Enter(int levels)
    {
        _nesting += levels;
        if (_nesting > DeepestNesting)
            throw Error($"objects and lists are nested deeper than {DeepestNesting} levels, each '.' of a key being one; flatten them");
    }

    private void Note(ConfigException problem)
    {
        if (_scope.Problems.Count < MostProblems) _scope.Problems.Add(problem);
        else if (_scope.Problems.Count == MostProblems) _scope.Problems.Add(More(problem.Origin));
    }

    /// <summary>Stands at the end of the file, so that it is also the last where problems are put in order by line.</summary>
    private ConfigSyntaxException More(Origin first) => new(
        new Origin(_scope.File, _tokens[^1].Line),
        $"there are more than {MostProblems} mistakes; those from {first} on are not shown, correct the others first");

    private ConfigSyntaxException Error(string problem) => new(Here, problem);

    /// <summary>Complains of the present token. What is no token comes with its own complaint, which says all.</summary>
    private ConfigSyntaxException Unexpected(string rest) => Error(Current.Kind == TokenKind.Bad ? Current.Text : $"found {Describe(Current)} {rest}");

    private static string Describe(Token token) => token.Kind switch
    {
        TokenKind.End => "the end of the file",
        TokenKind.NewLine => "the end of the line",
        TokenKind.Space => "a blank",
        TokenKind.Quoted => $"the string \"{token.Text}\"",
        _ => $"'{token.Text}'",
    };
}
