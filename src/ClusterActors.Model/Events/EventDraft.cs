using System.Collections.Immutable;

namespace ClusterActors.Model.Events;

/// <summary>One named value of an event. Values are text: the journal stores them, the text is rendered later.</summary>
public sealed record EventParameter(string Name, string Value);

/// <summary>What the one who noticed something says about it; the event journal adds level, time, server, term and ids.
/// Made by the factories <c>PmEvents</c>, <c>RcEvents</c> ... so that names and parameters cannot be mistyped.</summary>
public sealed record EventDraft(EventKey Key, ImmutableArray<EventParameter> Parameters)
{
    /// <summary>Its id, where somebody already names it as a cause (<see cref="EventIds"/>); else the journal gives one.</summary>
    public string? EventId { get; init; }

    /// <summary>The event that it follows from, where whoever raises it knows; else the journal finds one among its own (<see cref="EventCauses"/>).</summary>
    public string? CauseId { get; init; }

    public EventDraft FollowingFrom(string? causeId) => this with { CauseId = causeId };

    internal static EventDraft Of(string module, int id, params ReadOnlySpan<(string Name, string Value)> parameters)
    {
        var list = ImmutableArray.CreateBuilder<EventParameter>(parameters.Length);
        foreach (var (name, value) in parameters)
            list.Add(new EventParameter(name, value));
        return new EventDraft(new EventKey(module, id), list.MoveToImmutable());
    }

    /// <summary>What is said, not why: a notice whose cause alone has changed is the same notice.</summary>
    public bool Equals(EventDraft? other) =>
        other is not null && Key == other.Key && Parameters.AsSpan().SequenceEqual(other.Parameters.AsSpan());

    public override int GetHashCode() => HashCode.Combine(Key, Parameters.Length);
}
