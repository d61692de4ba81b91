using System.Collections.Immutable;

namespace ClusterActors.Model.Events;

/// <summary>One entry of the catalogue: what an event means, how grave it is, where it is reported.</summary>
public sealed record EventDefinition
{
    public required EventKey Key { get; init; }

    /// <summary>Readable name, unique within the module: <c>group-start-began</c>.</summary>
    public required string Name { get; init; }

    public required EventLevel Level { get; init; }

    public required EventRoutes Routes { get; init; }

    public required EventOrigin Origin { get; init; }

    /// <summary>Names of the values that an event of this kind carries, in order.</summary>
    public required ImmutableArray<string> Parameters { get; init; }

    public required LocalizedTemplate Text { get; init; }

    public required LocalizedText Meaning { get; init; }

    /// <summary>What the administrator should do; null when there is nothing to do.</summary>
    public required LocalizedText? Remedy { get; init; }

    /// <summary>The event's sentence with the given values.</summary>
    public string Render(IReadOnlyList<EventParameter> parameters, EventLanguage language) =>
        Text.In(language).Render(parameters);
}

/// <summary>The same text in every language.</summary>
public sealed record LocalizedText(string English, string Japanese)
{
    public string In(EventLanguage language) => language == EventLanguage.Japanese ? Japanese : English;
}

/// <summary>The same template in every language.</summary>
public sealed record LocalizedTemplate(EventTemplate English, EventTemplate Japanese)
{
    public EventTemplate In(EventLanguage language) => language == EventLanguage.Japanese ? Japanese : English;
}
