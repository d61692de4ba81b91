using System.Text;
using ClusterActors.Hocon.Tree;

namespace ClusterActors.Hocon.Syntax;

internal sealed partial class HoconParser
{
    private const string IncludeForms = "allowed are include \"name\", include file(\"name\"), include required(\"name\") and include required(file(\"name\"))";

    private void ParseInclude(RawObject into, ConfigPath? path)
    {
        var origin = Here;
        _at++;
        SkipBlanks();
        var before = UnquotedText();
        if (Current.Kind != TokenKind.Quoted) throw Unexpected($"after include; {IncludeForms}; a key named include is written \"include\"");
        var name = Current.Text;
        _at++;
        var after = before.Length == 0 ? "" : UnquotedText();
        var isRequired = before.StartsWith("required(", StringComparison.Ordinal);
        var inner = isRequired ? before["required(".Length..] : before;
        if (inner is "url(" or "classpath(")
            throw new ConfigSyntaxException(origin, $"include {inner[..^1]}() is not available: configuration is read from files of this server only; {IncludeForms}");
        var isFile = inner == "file(";
        if (inner is not ("" or "file(") || after != new string(')', (isRequired ? 1 : 0) + (isFile ? 1 : 0)))
            throw new ConfigSyntaxException(origin, $"found include {before}\"{name}\"{after}; {IncludeForms}");
        if (!isFile && name.Contains("://", StringComparison.Ordinal))
            throw new ConfigSyntaxException(origin, $"include of the address '{name}' is not available: configuration is read from files of this server only; copy the file here");

        var includer = _scope.Includer
            ?? throw new ConfigFileException(origin, $"include \"{name}\" is not possible here: this text was given without files; load it as a file");
        if (includer.Include(new IncludeStatement(name, isFile, isRequired, origin), _scope with { Nesting = _nesting }, path) is { } included) into.AddAll(included);
    }

    private string UnquotedText()
    {
        var text = new StringBuilder();
        for (; Current.Kind is TokenKind.Unquoted or TokenKind.Space; _at++)
        {
            if (Current.Kind == TokenKind.Unquoted) text.Append(Current.Text);
        }

        return text.ToString();
    }
}
