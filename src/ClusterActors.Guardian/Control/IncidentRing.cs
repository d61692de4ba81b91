using ClusterActors.Model.Guardian;

namespace ClusterActors.Guardian.Control;

/// <summary>
/// What happened to the guardian and its daemon, kept until a daemon has it in its event journal. Bounded: the oldest goes first, since every
/// one is in the guardian's log as well.
/// </summary>
internal sealed class IncidentRing
{
    /// <summary>Five deaths of two incidents each are a give-up, so this is several of them.</summary>
    public const int Capacity = 64;

    private const int LongestText = 300;
    private readonly Queue<(GuardianIncident Incident, long At)> _kept = new();
    private ulong _sequence;

    public void Add(long now, IncidentKind kind, string first, string second = "", string third = "")
    {
        if (_kept.Count == Capacity)
            _kept.Dequeue();
        _kept.Enqueue((new GuardianIncident(++_sequence, kind, TimeSpan.Zero, Short(first), Short(second), Short(third)), now));
    }

    /// <summary>Drops what is confirmed and returns the rest, oldest first.</summary>
    /// <param name="understood">What the daemon that asks knows; the rest is not told.</param>
    public IReadOnlyList<GuardianIncident> Take(long now, ulong confirmed, NoteEdition understood = NoteEditions.Newest)
    {
        while (_kept.TryPeek(out (GuardianIncident Incident, long At) oldest) && oldest.Incident.Sequence <= confirmed)
            _kept.Dequeue();
        return [.. _kept.Where(k => NoteEditions.Of(k.Incident.Kind) <= understood).Select(k => k.Incident with { Age = TimeSpan.FromTicks((now - k.At) / 100) })];
    }

    private static string Short(string text) => text.Length > LongestText ? text[..LongestText] : text;
}
