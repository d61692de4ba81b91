using System.Globalization;
using System.Text;

namespace ClusterActors.Control.Client;

/// <summary>
/// JSON (RFC 8259) as plain objects: <c>Dictionary&lt;string, object?&gt;</c>, <c>List&lt;object?&gt;</c>, string, double, bool, null. For
/// <see cref="StatusReader"/> only: it has nothing to compile or to load in a process that lives for milliseconds. Of a name that comes
/// twice the last value counts.
/// </summary>
internal sealed class JsonText
{
    private const int Deepest = 32;
    private readonly string _text;
    private int _at;
    private int _depth;

    private JsonText(string text) => _text = text;

    /// <exception cref="FormatException">Not JSON.</exception>
    public static object? Parse(ReadOnlySpan<byte> utf8)
    {
        var reader = new JsonText(Encoding.UTF8.GetString(utf8));
        var value = reader.Value();
        return reader.Next() == '\0' ? value : throw reader.Wrong("the end");
    }

    private object? Value() => Next() switch
    {
        '{' => Object(),
        '[' => List(),
        '"' => String(),
        't' => Word("true", true),
        'f' => Word("false", false),
        'n' => Word("null", null),
        _ => Number(),
    };

    private Dictionary<string, object?> Object()
    {
        Enter('{');
        var members = new Dictionary<string, object?>(StringComparer.Ordinal);
        while (More('}', members.Count > 0))
        {
            if (Next() != '"')
                throw Wrong("a name");
            var name = String();
            Expect(':');
            members[name] = Value();
        }

        return members;
    }

    private List<object?> List()
    {
        Enter('[');
        var items = new List<object?>();
        while (More(']', items.Count > 0))
            items.Add(Value());
        return items;
    }

    private void Enter(char open)
    {
        if (++_depth > Deepest)
            throw Wrong($"at most {Deepest} levels");
        Expect(open);
    }

    /// <summary>False at the end, which is taken; else at the next item.</summary>
    private bool More(char close, bool notFirst)
    {
        if (Next() == close)
        {
            _at++;
            _depth--;
            return false;
        }

        if (notFirst)
            Expect(',');
        return true;
    }

    private string String()
    {
        var start = ++_at;
        while (At(_at) is not ('"' or '\\' or < ' '))
            _at++;
        if (At(_at) == '"')
            return _text[start.._at++];
        var text = new StringBuilder(_text, start, _at - start, 64);
        while (At(_at) is >= ' ' and not '"' and var letter)
        {
            _at++;
            text.Append(letter == '\\' ? Escaped() : letter);
        }

        return At(_at++) == '"' ? text.ToString() : throw Wrong("the end of a string");
    }

    private char Escaped() => At(_at++) switch
    {
        '"' => '"',
        '\\' => '\\',
        '/' => '/',
        'b' => '\b',
        'f' => '\f',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'u' when _at + 4 <= _text.Length
            && ushort.TryParse(_text.AsSpan(_at, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code) => Taken(4, (char)code),
        _ => throw Wrong("an escape"),
    };

    private T Taken<T>(int count, T value)
    {
        _at += count;
        return value;
    }

    private object? Word(string word, object? value)
    {
        for (var i = 0; i < word.Length; i++)
        {
            if (At(_at + i) != word[i])
                throw Wrong("a value");
        }

        return Taken(word.Length, value);
    }

    private object Number()
    {
        var start = _at;
        while (At(_at) is (>= '0' and <= '9') or '-' or '+' or '.' or 'e' or 'E')
            _at++;
        const NumberStyles style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        return double.TryParse(_text.AsSpan(start, _at - start), style, CultureInfo.InvariantCulture, out var number) ? number : throw Wrong("a value");
    }

    private void Expect(char letter)
    {
        if (Next() != letter)
            throw Wrong($"'{letter}'");
        _at++;
    }

    /// <summary>The next letter that is no space; it stays the next one.</summary>
    private char Next()
    {
        while (At(_at) is ' ' or '\t' or '\r' or '\n')
            _at++;
        return At(_at);
    }

    private char At(int index) => index < _text.Length ? _text[index] : '\0';

    private FormatException Wrong(string expected) => new($"JSON, letter {_at}: {expected} is expected");
}
