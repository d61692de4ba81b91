using System.Collections.Immutable;

namespace ClusterActors.Model.Events;

/// <summary>One thing that happened, as the event journal keeps it. The text is not stored: it is rendered from
/// <see cref="Key"/> and <see cref="Parameters"/> in the reader's language, so wording can improve without breaking tools.</summary>
/// <param name="EventId">Unique in the cluster for ever; given by the journal of the server that raised the event.</param>
/// <param name="CauseId">The event that led to this one, or null.</param>
/// <param name="Time">Wall clock of <paramref name="Server"/>, for people; never used to decide anything.</param>
/// <param name="Term">The term that <paramref name="Server"/> knew then.</param>
public sealed record ClusterEvent(
    string EventId,
    string? CauseId,
    EventKey Key,
    EventLevel Level,
    DateTimeOffset Time,
    ServerName Server,
    Term Term,
    ImmutableArray<EventParameter> Parameters)
{
    /// <summary>Completes a draft. The level comes from the catalogue.</summary>
    /// <exception cref="ArgumentException">The catalogue has no such event, or the draft's parameters are not the declared ones:
    /// a programming error, which the factories rule out.</exception>
    public static ClusterEvent From(
        EventDraft draft, EventCatalogue catalogue, string eventId, string? causeId, DateTimeOffset time, ServerName server, Term term)
    {
        ArgumentNullException.ThrowIfNull(draft);
        ArgumentNullException.ThrowIfNull(catalogue);
        var definition = catalogue.Find(draft.Key)
            ?? throw new ArgumentException($"event {draft.Key}: the catalogue has no such entry; add it to hocon/messages", nameof(draft));
        if (!draft.Parameters.Select(p => p.Name).SequenceEqual(definition.Parameters))
            throw new ArgumentException(
                $"event {draft.Key}: parameters are {string.Join(" ", draft.Parameters.Select(p => p.Name))}; declared are {string.Join(" ", definition.Parameters)}",
                nameof(draft));
        return new ClusterEvent(eventId, causeId, draft.Key, definition.Level, time, server, term, draft.Parameters);
    }

    /// <summary>The sentence. An event that the catalogue does not know (of a newer version of the product) is shown with its values.</summary>
    public string Render(EventCatalogue catalogue, EventLanguage language)
    {
        ArgumentNullException.ThrowIfNull(catalogue);
        return catalogue.Find(Key)?.Render(Parameters, language)
            ?? $"({Key}) {string.Join(", ", Parameters.Select(p => $"{p.Name} = {p.Value}"))}";
    }

    public bool Equals(ClusterEvent? other) =>
        other is not null && EventId == other.EventId && CauseId == other.CauseId && Key == other.Key && Level == other.Level
        && Time == other.Time && Server == other.Server && Term == other.Term
        && Parameters.AsSpan().SequenceEqual(other.Parameters.AsSpan());

    public override int GetHashCode() => HashCode.Combine(EventId, Key);
}
