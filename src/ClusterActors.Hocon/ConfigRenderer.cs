using System.Text;

namespace ClusterActors.Hocon;

/// <summary>Writes values as text that parses back to the same values. The text is also valid JSON.</summary>
public static class ConfigRenderer
{
    /// <summary>One line, keys in order of appearance.</summary>
    public static string Render(ConfigValue value)
    {
        var text = new StringBuilder();
        Append(text, value, isSorted: false);
        return text.ToString();
    }

    /// <summary>
    /// One line that depends on the content only: keys in ordinal order, no trace of where or in which order things were written.
    /// Numbers stay as written.
    /// </summary>
    public static string RenderCanonically(ConfigValue value)
    {
        var text = new StringBuilder();
        Append(text, value, isSorted: true);
        return text.ToString();
    }

    internal static void AppendQuoted(StringBuilder text, string value)
    {
        text.Append('"');
        foreach (var c in value)
        {
            switch (c)
            {
                case '"': text.Append("\\\""); break;
                case '\\': text.Append("\\\\"); break;
                case '\n': text.Append("\\n"); break;
                case '\r': text.Append("\\r"); break;
                case '\t': text.Append("\\t"); break;
                case < ' ' or '\u007f': text.Append($"\\u{(int)c:x4}"); break;
                default: text.Append(c); break;
            }
        }

        text.Append('"');
    }

    private static void Append(StringBuilder text, ConfigValue value, bool isSorted)
    {
        switch (value)
        {
            case ConfigScalar { Kind: ConfigValueKind.String } scalar:
                AppendQuoted(text, scalar.Text);
                break;
            case ConfigScalar scalar:
                text.Append(scalar.Kind == ConfigValueKind.Invalid ? "null" : scalar.Text);
                break;
            case ConfigList list:
                text.Append('[');
                for (var i = 0; i < list.Elements.Length; i++)
                {
                    if (i > 0) text.Append(',');
                    Append(text, list.Elements[i], isSorted);
                }

                text.Append(']');
                break;
            case ConfigObject fields:
                text.Append('{');
                var isFirst = true;
                foreach (var field in isSorted ? fields.Fields.OrderBy(f => f.Key, StringComparer.Ordinal) : fields.Fields.AsEnumerable())
                {
                    if (!isFirst) text.Append(',');
                    isFirst = false;
                    AppendQuoted(text, field.Key);
                    text.Append(':');
                    Append(text, field.Value, isSorted);
                }

                text.Append('}');
                break;
        }
    }
}
