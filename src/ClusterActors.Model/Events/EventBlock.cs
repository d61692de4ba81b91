using System.Collections.Immutable;

namespace ClusterActors.Model.Events;

/// <summary>The keys of one event while it is being read; <see cref="Finish"/> checks them and makes the definition.</summary>
internal sealed class EventBlock(string file, int line, EventKey key)
{
    private static readonly string[] Known =
        ["name", "level", "routes", "source", "parameters", "text", "text-ja", "meaning", "meaning-ja", "remedy", "remedy-ja"];

    private readonly Dictionary<string, (int Line, string Value)> _values = [];

    public void Set(int number, string name, string value)
    {
        if (!Known.Contains(name))
            throw new EventCatalogueException(file, number, $"{key} has key {name}; allowed are {string.Join(", ", Known)}");
        if (!_values.TryAdd(name, (number, value)))
            throw new EventCatalogueException(file, number, $"{key} has key {name} twice; remove one");
    }

    public EventDefinition Finish()
    {
        var parameters = Optional("parameters")?.Split(' ', StringSplitOptions.RemoveEmptyEntries).ToImmutableArray() ?? [];
        if (parameters.Distinct().Count() != parameters.Length)
            throw Problem("parameters", "names a parameter twice");
        return new EventDefinition
        {
            Key = key,
            Name = Required("name"),
            Level = OneOf("level", ("info", EventLevel.Info), ("warning", EventLevel.Warning), ("error", EventLevel.Error)),
            Routes = Routes(),
            Origin = OneOf("source", ("manual", EventOrigin.Manual), ("later", EventOrigin.Later), ("own", EventOrigin.Own)),
            Parameters = parameters,
            Text = new LocalizedTemplate(Template("text", parameters), Template("text-ja", parameters)),
            Meaning = new LocalizedText(Required("meaning"), Required("meaning-ja")),
            Remedy = Optional("remedy") is null && Optional("remedy-ja") is null
                ? null
                : new LocalizedText(Required("remedy"), Required("remedy-ja")),
        };
    }

    private EventRoutes Routes()
    {
        var routes = EventRoutes.None;
        foreach (var word in Required("routes").Split(' ', StringSplitOptions.RemoveEmptyEntries))
            routes |= word switch
            {
                "alert" => EventRoutes.Alert,
                "syslog" => EventRoutes.Syslog,
                "mail" => EventRoutes.Mail,
                _ => throw Problem("routes", $"has \"{word}\"; allowed are alert, syslog, mail"),
            };
        return routes;
    }

    private EventTemplate Template(string name, ImmutableArray<string> declared)
    {
        EventTemplate template;
        try
        {
            template = EventTemplate.Parse(Required(name));
        }
        catch (FormatException e)
        {
            throw Problem(name, e.Message);
        }

        // Both directions: an undeclared hole would never be filled, an unused value would be lost to the reader.
        var used = template.Parameters.ToHashSet();
        if (!used.SetEquals(declared))
            throw Problem(name, $"uses {{{string.Join(", ", used)}}}; the declared parameters are {{{string.Join(", ", declared)}}}");
        return template;
    }

    private T OneOf<T>(string name, params ReadOnlySpan<(string Word, T Value)> allowed)
    {
        var found = Required(name);
        foreach (var (word, value) in allowed)
            if (word == found)
                return value;
        var words = new List<string>();
        foreach (var (word, _) in allowed)
            words.Add(word);
        throw Problem(name, $"is \"{found}\"; allowed are {string.Join(", ", words)}");
    }

    private string Required(string name) =>
        Optional(name) ?? throw new EventCatalogueException(file, line, $"{key} has no key {name}; add it");

    private string? Optional(string name) => _values.TryGetValue(name, out var found) ? found.Value : null;

    private EventCatalogueException Problem(string name, string problem) =>
        new(file, _values[name].Line, $"{key}: {name} {problem}");
}
