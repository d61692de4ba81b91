namespace ClusterActors.Model.Events;

/// <summary>
/// Which event of a server another one of the same server follows from: the end of something from its beginning, the part from the whole.
/// Only what is certain is here; an event without a rule begins something.
/// </summary>
public sealed class EventCauses
{
    private static readonly Dictionary<string, Rule> Rules = new()
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
        ["ca 36"] = new(About.Resource, Rc(81)),
    };

    private static readonly HashSet<string> Causes = [.. Rules.Values.SelectMany(rule => rule.Causes)];

    // As many as there are kinds of causes, groups and resources: bounded by the configuration.
    private readonly Dictionary<string, Seen> _newest = [];
    private long _count;

    /// <summary>What the events of one rule must have in common.</summary>
    private enum About
    {
        Group,
        Resource,
    }

    /// <summary>Such an event never comes by itself.</summary>
    public static bool Has(EventKey effect) => Rules.ContainsKey(effect.ToString());

    /// <summary>Id of the newest event that this one can follow from; null when there is none, or no rule.</summary>
    public string? Of(EventDraft draft)
    {
        ArgumentNullException.ThrowIfNull(draft);
        if (!Rules.TryGetValue(draft.Key.ToString(), out var rule) || Subject(rule.About, draft) is not { } subject)
            return null;
        Seen? newest = null;
        foreach (var cause in rule.Causes)
        {
            if (_newest.TryGetValue(Of(cause, subject), out var found) && (newest is null || found.Number > newest.Number))
                newest = found;
        }

        return newest?.EventId;
    }

    /// <summary>Events of earlier lives of the daemon as well, in their order.</summary>
    public void Remember(ClusterEvent raised)
    {
        ArgumentNullException.ThrowIfNull(raised);
        var key = raised.Key.ToString();
        if (!Causes.Contains(key))
            return;
        var draft = new EventDraft(raised.Key, raised.Parameters);
        _count++;
        Remember(About.Group);
        Remember(About.Resource);

        void Remember(About about)
        {
            if (Subject(about, draft) is { } subject)
                _newest[Of(key, subject)] = new(_count, raised.EventId);
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

    private static string Rc(int id) => $"rc {id}";

    private static string Of(string cause, string subject) => $"{cause} {subject}";

    private sealed record Rule(About About, params string[] Causes);

    private sealed record Seen(long Number, string EventId);
}
