namespace ClusterActors.Hocon.Syntax;

internal enum TokenKind
{
    OpenBrace,
    CloseBrace,
    OpenBracket,
    CloseBracket,
    Comma,
    Colon,
    EqualSign,
    PlusEquals,

    /// <summary>An ASCII newline; ends an unquoted value and separates fields and elements.</summary>
    NewLine,

    /// <summary>Whitespace other than newlines; kept because it counts between the parts of a concatenation.</summary>
    Space,
    Quoted,

    /// <summary>A run of characters that is neither quoted nor a number; <c>true</c>, <c>false</c> and <c>null</c> are among them.</summary>
    Unquoted,

    /// <summary>A JSON number standing alone; the text is as written.</summary>
    Number,

    /// <summary><c>${path}</c> or <c>${?path}</c>.</summary>
    Reference,

    /// <summary>Characters that cannot be a token; the text is the complaint. Raised only when the parser gets there.</summary>
    Bad,
    End,
}

/// <param name="Kind">What it is.</param>
/// <param name="Text">The decoded text; for <see cref="TokenKind.Bad"/> the complaint.</param>
/// <param name="Line">Line of the first character, from 1.</param>
/// <param name="Path">Only for references: what is referred to.</param>
/// <param name="IsOptional">Only for references: written with <c>?</c>.</param>
internal readonly record struct Token(TokenKind Kind, string Text, int Line, ConfigPath? Path = null, bool IsOptional = false);
