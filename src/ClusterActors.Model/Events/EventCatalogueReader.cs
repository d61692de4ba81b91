using System.Globalization;
using System.Text;

namespace ClusterActors.Model.Events;

/// <summary>
/// Reads one catalogue file. The files are valid HOCON, but only this much of it is used and allowed here:
/// <code>
/// rc {                       one module per file
///   92 {                     one block per event
///     level = "error"        one key with one quoted string per line
///   }
/// }
/// </code>
/// plus empty lines and lines that begin with #. Keeping to this grammar lets the vocabulary stand without the HOCON project;
/// sites that override routes do so in their own HOCON, which the daemon merges.
/// </summary>
internal static class EventCatalogueReader
{
    /// <exception cref="EventCatalogueException">With file:line for whatever breaks the grammar or a rule.</exception>
    public static List<EventDefinition> Read(string file, string text)
    {
        var found = new List<EventDefinition>();
        string? module = null;
        EventBlock? block = null;
        var closed = false;
        var number = 0;
        foreach (var raw in text.Split('\n'))
        {
            number++;
            var line = raw.Trim();
            if (line.Length == 0 || line[0] == '#')
                continue;
            if (closed)
                throw new EventCatalogueException(file, number, "text after the module's closing brace; one module per file");
            if (module is null)
                module = OpeningName(file, number, line);
            else if (block is null && line == "}")
                closed = true;
            else if (block is null)
                block = new EventBlock(file, number, KeyOf(file, number, module, OpeningName(file, number, line)));
            else if (line == "}")
            {
                found.Add(block.Finish());
                block = null;
            }
            else
                ReadPair(file, number, line, block);
        }

        if (!closed)
            throw new EventCatalogueException(file, number, "the file ends before the module's closing brace");
        return found;
    }

    private static string OpeningName(string file, int number, string line) =>
        line.EndsWith(" {", StringComparison.Ordinal) && !line.Contains('"')
            ? line[..^2]
            : throw new EventCatalogueException(file, number, $"found \"{line}\"; allowed is a name followed by an opening brace");

    private static EventKey KeyOf(string file, int number, string module, string id) =>
        int.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value > 0
            ? new EventKey(module, value)
            : throw new EventCatalogueException(file, number, $"event number is \"{id}\"; must be a whole number above 0");

    private static void ReadPair(string file, int number, string line, EventBlock block)
    {
        var equals = line.IndexOf(" = ", StringComparison.Ordinal);
        if (equals < 1)
            throw new EventCatalogueException(file, number, $"found \"{line}\"; allowed is key = \"value\"");
        block.Set(number, line[..equals], Unquote(file, number, line[(equals + 3)..]));
    }

    private static string Unquote(string file, int number, string quoted)
    {
        if (quoted.Length < 2 || quoted[0] != '"' || quoted[^1] != '"')
            throw new EventCatalogueException(file, number, $"value is {quoted}; must be one string in double quotes");
        var value = new StringBuilder(quoted.Length);
        for (var i = 1; i < quoted.Length - 1; i++)
        {
            if (quoted[i] == '"')
                throw new EventCatalogueException(file, number, "a quote inside the value must be written \\\"");
            if (quoted[i] == '\\' && (++i == quoted.Length - 1 || quoted[i] is not ('"' or '\\')))
                throw new EventCatalogueException(file, number, "a backslash may only stand before a quote or a backslash");
            value.Append(quoted[i]);
        }

        return value.ToString();
    }
}
