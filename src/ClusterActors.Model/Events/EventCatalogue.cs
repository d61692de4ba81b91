using System.Collections.Immutable;
using System.Reflection;

namespace ClusterActors.Model.Events;

/// <summary>
/// All events by module and number. Number, level and routes of the manuals' entries are an interface that tools rely on.
/// Immutable; the default one is read once, on first use, from the files of <c>hocon/messages</c> that are built into this assembly.
/// </summary>
public sealed class EventCatalogue
{
    private const string ResourcePrefix = "messages/";

    private static readonly Lazy<EventCatalogue> BuiltIn = new(ReadBuiltIn);

    private readonly ImmutableSortedDictionary<EventKey, EventDefinition> _definitions;

    private EventCatalogue(ImmutableSortedDictionary<EventKey, EventDefinition> definitions) => _definitions = definitions;

    /// <summary>The catalogue as delivered.</summary>
    public static EventCatalogue Default => BuiltIn.Value;

    /// <summary>Every entry, ordered by module and number.</summary>
    public IEnumerable<EventDefinition> All => _definitions.Values;

    /// <summary>Module types in alphabetical order.</summary>
    public IEnumerable<string> Modules => _definitions.Keys.Select(k => k.Module).Distinct();

    /// <summary>The entry, or null when there is none.</summary>
    public EventDefinition? Find(string module, int id) => Find(new EventKey(module, id));

    /// <inheritdoc cref="Find(string,int)"/>
    public EventDefinition? Find(EventKey key) => _definitions.GetValueOrDefault(key);

    /// <summary>A copy in which one entry is reported elsewhere, for a site's own settings.</summary>
    /// <exception cref="ArgumentException">The catalogue has no such entry.</exception>
    public EventCatalogue WithRoutes(EventKey key, EventRoutes routes)
    {
        var found = Find(key)
            ?? throw new ArgumentException($"event routes: there is no event {key}; clp explain {key.Module} lists the module", nameof(key));
        return new EventCatalogue(_definitions.SetItem(key, found with { Routes = routes }));
    }

    /// <summary>Reads catalogue files.</summary>
    /// <exception cref="EventCatalogueException">Grammar, a missing key, a number or a name used twice.</exception>
    public static EventCatalogue Parse(IEnumerable<(string File, string Text)> files)
    {
        var definitions = ImmutableSortedDictionary.CreateBuilder<EventKey, EventDefinition>();
        var names = new HashSet<(string Module, string Name)>();
        foreach (var (file, text) in files)
        {
            foreach (var definition in EventCatalogueReader.Read(file, text))
            {
                if (!definitions.TryAdd(definition.Key, definition))
                    throw new EventCatalogueException(file, 1, $"{definition.Key} is defined twice; remove one");
                if (!names.Add((definition.Key.Module, definition.Name)))
                    throw new EventCatalogueException(file, 1, $"{definition.Key} has the name {definition.Name} of another event; choose another name");
            }
        }

        return new EventCatalogue(definitions.ToImmutable());
    }

    private static EventCatalogue ReadBuiltIn()
    {
        var assembly = Assembly.GetExecutingAssembly();
        var files = new List<(string, string)>();
        foreach (var resource in assembly.GetManifestResourceNames().Where(n => n.StartsWith(ResourcePrefix, StringComparison.Ordinal)))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
            files.Add((resource[ResourcePrefix.Length..], reader.ReadToEnd()));
        }

        return Parse(files);
    }
}
