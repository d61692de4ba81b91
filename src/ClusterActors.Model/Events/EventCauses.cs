using System.Collections.Frozen;

namespace ClusterActors.Model.Events;

/// <summary>
/// Which event of a server another one of the same server follows from: the end of something from its beginning, the part from the whole.
/// Only what is certain is here; an event without a rule begins something.
/// </summary>
public sealed class EventCauses
{
    private static readonly FrozenDictionary<EventKey, Rule> Rules = new Dictionary<EventKey, Rule>
    {
        // Groups: an operation ends or waits because it began.
        [Rc(11)] = new(About.Group, Rc(10)),
        [Rc(12)] = new(About.Group, Rc(10)),
        [Rc(16)] = new(About.Group, Rc(15)),
        [Rc(17)] = new(About.Group, Rc(15)),
        [Rc(21)] = new(About.Group, Rc(20)),
        [Rc(22)] = new(About.Group, Rc(20)),
        [Rc(51)] = new(About.Group, Rc(50)),
        [Rc(52)] = new(About.Group, Rc(50)),
        [Rc(61)] = new(About.Group, Rc(60)),
        [Rc(62)] = new(About.Group, Rc(60)),
        [Rc(350)] = new(About.Group, Rc(10)),
        [Rc(351)] = new(About.Group, Rc(350)),
        [Rc(502)] = new(About.Group, Rc(92)),

        // Resources: started and stopped with their group, or because one of them failed.
        [Rc(30)] = new(About.Group, Rc(10), Rc(60), Rc(80)),
        [Rc(31)] = new(About.Resource, Rc(30), Rc(80)),
        [Rc(32)] = new(About.Resource, Rc(30), Rc(80)),
        [Rc(40)] = new(About.Group, Rc(20), Rc(12), Rc(62), Rc(80), Rc(100)),
        [Rc(41)] = new(About.Resource, Rc(40), Rc(80)),
        [Rc(42)] = new(About.Resource, Rc(40), Rc(80)),

        // Restarts of what failed by itself.
        [Rc(81)] = new(About.Resource, Rc(80)),
        [Rc(82)] = new(About.Resource, Rc(80)),
        [new("ca", 36)] = new(About.Resource, Rc(81)),
    }.ToFrozenDictionary();

    private static readonly FrozenSet<EventKey> Causes = Rules.Values.SelectMany(rule => rule.Causes).ToFrozenSet();

    // As many as there are kinds of causes, groups and resources: bounded by the configuration.
    private readonly Dictionary<(EventKey Key, string Subject), (long Number, string EventId)> _newest = [];
    private long _count;

    /// <summary>What the events of one rule must have in common.</summary>
    private enum About
    {
        Group,
        Resource,
    }

    /// <summary>Such an event never comes by itself.</summary>
    public static bool Has(EventKey effect) => Rules.ContainsKey(effect);

    /// <summary>Id of the newest event that this one can follow from; null when there is none, or no rule.</summary>
    public string? Of(EventDraft draft)
    {
        ArgumentNullException.ThrowIfNull(draft);
        if (!Rules.TryGetValue(draft.Key, out var rule) || Subject(rule.About, draft) is not { } subject)
            return null;
        (long Number, string? EventId) newest = (-1, null);
        foreach (var cause in rule.Causes)
        {
            if (_newest.TryGetValue((cause, subject), out var found) && found.Number > newest.Number)
                newest = found;
        }

        return newest.EventId;
    }

    /// <summary>Events of earlier lives of the daemon as well, in their order.</summary>
    public void Remember(ClusterEvent raised)
    {
        ArgumentNullException.ThrowIfNull(raised);
        if (!Causes.Contains(raised.Key))
            return;
        var draft = new EventDraft(raised.Key, raised.Parameters);
        _count++;
        foreach (var about in new[] { About.Group, About.Resource })
        {
            if (Subject(about, draft) is { } subject)
                _newest[(raised.Key, subject)] = (_count, raised.EventId);
        }
    }

    /// <summary>A resource is named by its path, such as web.address, or by its name beside its group.</summary>
    private static string? Subject(About about, EventDraft draft)
    {
        var (group, resource) = (Value(draft, "group"), Value(draft, "resource"));
        var path = resource is null || group is null ? resource : $"{group}.{resource}";
        return about == About.Resource ? path : group ?? path?.Split('.')[0];
    }

    private static string? Value(EventDraft draft, string name) => draft.Parameters.FirstOrDefault(p => p.Name == name)?.Value;

    private static EventKey Rc(int id) => new("rc", id);

    private sealed record Rule(About About, params EventKey[] Causes);
}
