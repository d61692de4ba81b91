using System.Collections.Immutable;
using System.Text;

namespace ClusterActors.Hocon.Syntax;

/// <summary>
/// Cuts a text into tokens. It never throws: what cannot be a token becomes a <see cref="TokenKind.Bad"/> token that carries the
/// complaint, so that the parser can report it, skip the line and go on to find further mistakes.
/// </summary>
internal sealed class Tokenizer
{
    private readonly string _text;
    private readonly List<Token> _tokens = [];
    private int _at;
    private int _line = 1;

    private Tokenizer(string text) => _text = text;

    public static List<Token> Read(string text)
    {
        var tokenizer = new Tokenizer(text);
        while (tokenizer._at < text.Length) tokenizer.ReadOne();
        tokenizer.Add(TokenKind.End, "");
        return tokenizer._tokens;
    }

    private void ReadOne()
    {
        var c = _text[_at];
        switch (c)
        {
            case '\n':
                Add(TokenKind.NewLine, "\n");
                _at++;
                _line++;
                return;
            case '#':
                SkipComment();
                return;
            case '/' when Peek(1) == '/':
                SkipComment();
                return;
            case '{': Single(TokenKind.OpenBrace); return;
            case '}': Single(TokenKind.CloseBrace); return;
            case '[': Single(TokenKind.OpenBracket); return;
            case ']': Single(TokenKind.CloseBracket); return;
            case ',': Single(TokenKind.Comma); return;
            case ':': Single(TokenKind.Colon); return;
            case '=': Single(TokenKind.EqualSign); return;
            case '+' when Peek(1) == '=':
                Add(TokenKind.PlusEquals, "+=");
                _at += 2;
                return;
            case '"':
                ReadQuoted();
                return;
            case '$':
                ReadReference();
                return;
        }

        if (Characters.IsWhitespace(c)) ReadSpace();
        else if (Characters.IsReserved(c)) Bad($"found '{c}' outside quotes, where it is reserved; put the text into double quotes", 1);
        else ReadUnquoted();
    }

    private char Peek(int ahead) => _at + ahead < _text.Length ? _text[_at + ahead] : '\0';

    private void Add(TokenKind kind, string text) => _tokens.Add(new Token(kind, text, _line));

    private void Single(TokenKind kind)
    {
        Add(kind, _text.Substring(_at, 1));
        _at++;
    }

    private void Bad(string complaint, int length)
    {
        Add(TokenKind.Bad, complaint);
        _at += length;
    }

    private void SkipComment()
    {
        while (_at < _text.Length && _text[_at] != '\n') _at++;
    }

    private void ReadSpace()
    {
        var start = _at;
        while (_at < _text.Length && _text[_at] != '\n' && Characters.IsWhitespace(_text[_at])) _at++;
        Add(TokenKind.Space, _text[start.._at]);
    }

    /// <summary>
    /// A number is only a number when it stands alone: <c>10.0bar</c> is the same string whether it is read as one run or as a number
    /// and a string joined, so it is read as one run. The number is tried first because its exponent may hold a '+'.
    /// </summary>
    private void ReadUnquoted()
    {
        var start = _at;
        _at += Characters.NumberLength(_text, _at);
        var afterNumber = _at;
        while (_at < _text.Length && !Characters.IsReserved(_text[_at]) && !Characters.IsWhitespace(_text[_at]) && !(_text[_at] == '/' && Peek(1) == '/')) _at++;
        Add(_at == afterNumber && afterNumber > start ? TokenKind.Number : TokenKind.Unquoted, _text[start.._at]);
    }

    private void ReadQuoted()
    {
        if (Peek(1) == '"' && Peek(2) == '"')
        {
            ReadTripleQuoted();
            return;
        }

        var line = _line;
        var (value, complaint) = QuotedValue();
        _tokens.Add(complaint is null ? new Token(TokenKind.Quoted, value, line) : new Token(TokenKind.Bad, complaint, line));
    }

    /// <summary>Reads from the opening quote past the closing one, or to the offending place.</summary>
    private (string Value, string? Complaint) QuotedValue()
    {
        var value = new StringBuilder();
        _at++;
        while (_at < _text.Length)
        {
            var c = _text[_at];
            if (c == '"')
            {
                _at++;
                return (value.ToString(), null);
            }

            if (c == '\n') break;
            if (c < ' ') return ("", $"a quoted string holds the control character U+{(int)c:X4}; write it as \\u{(int)c:X4} or use triple quotes");
            _at++;
            if (c != '\\') value.Append(c);
            else if (Escape(value) is { } complaint) return ("", complaint);
        }

        return ("", "a quoted string is not closed on its line; add the closing \" or use triple quotes for text of several lines");
    }

    private string? Escape(StringBuilder value)
    {
        var c = Peek(0);
        _at++;
        switch (c)
        {
            case '"' or '\\' or '/': value.Append(c); return null;
            case 'b': value.Append('\b'); return null;
            case 'f': value.Append('\f'); return null;
            case 'n': value.Append('\n'); return null;
            case 'r': value.Append('\r'); return null;
            case 't': value.Append('\t'); return null;
            case 'u' when IsHexAhead():
                value.Append((char)Convert.ToInt32(_text.Substring(_at, 4), 16));
                _at += 4;
                return null;
            default:
                _at--;
                return "a quoted string holds a backslash that starts no escape; allowed are \\\" \\\\ \\/ \\b \\f \\n \\r \\t and \\u with four hexadecimal digits; write \\\\ for a backslash";
        }
    }

    private bool IsHexAhead() =>
        char.IsAsciiHexDigit(Peek(0)) && char.IsAsciiHexDigit(Peek(1)) && char.IsAsciiHexDigit(Peek(2)) && char.IsAsciiHexDigit(Peek(3));

    private void ReadTripleQuoted()
    {
        var line = _line;
        var start = _at + 3;
        var end = _text.IndexOf("\"\"\"", start, StringComparison.Ordinal);
        if (end < 0)
        {
            // The rest of the file is inside the string: nothing after it can be judged.
            _at = _text.Length;
            _tokens.Add(new Token(TokenKind.Bad, "a triple-quoted string is never closed; add \"\"\" at its end", line));
            return;
        }

        // Any run of three or more quotes closes the string; the surplus belongs to it.
        while (end + 3 < _text.Length && _text[end + 3] == '"') end++;
        var value = _text[start..end];
        foreach (var c in value)
        {
            if (c == '\n') _line++;
        }

        _at = end + 3;
        _tokens.Add(new Token(TokenKind.Quoted, value, line));
    }

    private void ReadReference()
    {
        if (Peek(1) != '{')
        {
            Bad("found '$' outside quotes; a substitution is written ${path} or ${?path}, and any other '$' needs double quotes", 1);
            return;
        }

        var isOptional = Peek(2) == '?';
        _at += isOptional ? 3 : 2;
        var first = _tokens.Count;
        while (_at < _text.Length && _text[_at] is not ('}' or '\n'))
        {
            // One within the other would use up the stack.
            if (_text[_at] == '$') Bad("found '$', which is only allowed inside double quotes here", 1);
            else ReadOne();
        }

        var parts = _tokens.GetRange(first, _tokens.Count - first);
        _tokens.RemoveRange(first, parts.Count);
        if (Peek(0) != '}')
        {
            Bad("a substitution is not closed on its line; write ${path} with its closing brace", 0);
            return;
        }

        var path = PathReader.Read(parts, out var complaint);
        if (path is null) Bad($"the path of a substitution {complaint}", 1);
        else
        {
            _tokens.Add(new Token(TokenKind.Reference, $"${{{(isOptional ? "?" : "")}{path}}}", _line, path, isOptional));
            _at++;
        }
    }
}
