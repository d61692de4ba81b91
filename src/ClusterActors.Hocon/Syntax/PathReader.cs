using System.Collections.Immutable;
using System.Text;

namespace ClusterActors.Hocon.Syntax;

/// <summary>Reads path expressions: the keys of fields and the insides of substitutions.</summary>
internal static class PathReader
{
    public static ConfigPath Read(string expression)
    {
        var tokens = Tokenizer.Read(expression);
        tokens.RemoveAt(tokens.Count - 1);
        return Read(tokens, out var complaint) ?? throw new ConfigSyntaxException(new Origin($"path '{expression}'", 0), complaint);
    }

    /// <summary>
    /// Dots outside quotes separate keys; blanks between the parts belong to the key, blanks around the whole do not. Null when the tokens
    /// are no path, with the complaint as the end of a sentence that starts with "the path".
    /// </summary>
    public static ConfigPath? Read(IReadOnlyList<Token> tokens, out string complaint)
    {
        complaint = "";
        var first = 0;
        var end = tokens.Count;
        while (first < end && tokens[first].Kind == TokenKind.Space) first++;
        while (end > first && tokens[end - 1].Kind == TokenKind.Space) end--;

        var keys = ImmutableArray.CreateBuilder<string>();
        var key = new StringBuilder();
        var hasText = false;
        for (var i = first; i < end; i++)
        {
            var token = tokens[i];
            switch (token.Kind)
            {
                case TokenKind.Space:
                    key.Append(token.Text);
                    break;
                case TokenKind.Quoted:
                    key.Append(token.Text);
                    hasText = true;
                    break;
                case TokenKind.Unquoted or TokenKind.Number:
                    foreach (var c in token.Text)
                    {
                        if (c != '.')
                        {
                            key.Append(c);
                            hasText = true;
                            continue;
                        }

                        if (!hasText)
                        {
                            complaint = "has an empty key before a '.'; write each key, and an empty key as \"\"";
                            return null;
                        }

                        keys.Add(key.ToString());
                        key.Clear();
                        hasText = false;
                    }

                    break;
                case TokenKind.Bad:
                    complaint = $"cannot be read: {token.Text}";
                    return null;
                default:
                    complaint = $"holds '{token.Text}', which is only allowed inside double quotes";
                    return null;
            }
        }

        if (!hasText)
        {
            complaint = keys.Count == 0 ? "is empty; write at least one key" : "ends with a '.'; write the last key, or remove the dot";
            return null;
        }

        keys.Add(key.ToString());
        return new ConfigPath(keys.ToImmutable());
    }
}
