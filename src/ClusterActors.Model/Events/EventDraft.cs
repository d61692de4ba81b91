using System.Collections.Immutable;

namespace ClusterActors.Model.Events;

/// <summary>One named value of an event. Values are text: the journal stores them, the text is rendered later.</summary>
public sealed record EventParameter(string Name, string Value);

/// <summary>What the one who noticed something says about it; the event journal adds level, time, server, term and ids.
/// Made by the factories <c>PmEvents</c>, <c>RcEvents</c> ... so that names and parameters cannot be mistyped.</summary>
public sealed record EventDraft(EventKey Key, ImmutableArray<EventParameter> Parameters)
{
    internal static EventDraft Of(string module, int id, params ReadOnlySpan<(string Name, string Value)> parameters)
    {
        var list = ImmutableArray.CreateBuilder<EventParameter>(parameters.Length);
        foreach (var (name, value) in parameters)
            list.Add(new EventParameter(name, value));
        return new EventDraft(new EventKey(module, id), list.MoveToImmutable());
    }

    public bool Equals(EventDraft? other) =>
        other is not null && Key == other.Key && Parameters.AsSpan().SequenceEqual(other.Parameters.AsSpan());

    public override int GetHashCode() => HashCode.Combine(Key, Parameters.Length);
}
