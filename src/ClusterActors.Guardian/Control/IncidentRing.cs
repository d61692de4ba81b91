using System.Globalization;
using ClusterActors.Model;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Guardian.Control;

/// <summary>
/// What happened to the guardian and its daemon, kept until a daemon has it in its event journal. Bounded, since every one is in the guardian's
/// log as well: the oldest note goes first, for late beats could push out the few that say what came of the daemon.
/// </summary>
internal sealed class IncidentRing
{
    /// <summary>Five deaths of two incidents each are a give-up, so this is several of them.</summary>
    public const int Capacity = 64;

    private const int LongestText = 300;
    private readonly List<(GuardianIncident Incident, long At)> _kept = [];
    private ulong _sequence;
    private ulong _lastDropped;
    private long _lastDroppedAt;
    private int _dropped;

    /// <summary>A note that no daemon was there for. One that the next welcome or table tells anew is not kept.</summary>
    public void Add(long now, GuardianNote note)
    {
        switch (note)
        {
            case BeatsLate late:
                Add(now, IncidentKind.BeatsLate, Milliseconds(late.Lateness), Milliseconds(late.Limit));
                break;
            case FenceArmed armed:
                Add(now, IncidentKind.FenceArmed, armed.Address.ToString(), armed.Kind == FenceChoice.Nft ? "nftables" : "bpf");
                break;
            case FenceMissing missing:
                Add(now, IncidentKind.FenceMissing, missing.Address.ToString(), missing.Detail);
                break;
        }
    }

    public void Add(long now, IncidentKind kind, string first, string second = "", string third = "")
    {
        if (_kept.Count == Capacity)
            Drop();
        _kept.Add((new GuardianIncident(++_sequence, kind, TimeSpan.Zero, Short(first), Short(second), Short(third)), now));
    }

    /// <summary>Drops what is confirmed and returns the rest, oldest first.</summary>
    /// <param name="understood">What the daemon that asks knows; the rest is not told.</param>
    public IReadOnlyList<GuardianIncident> Take(long now, ulong confirmed, NoteEdition understood = NoteEditions.Newest)
    {
        _kept.RemoveAll(k => k.Incident.Sequence <= confirmed);
        if (_lastDropped <= confirmed)
            _dropped = 0;
        IEnumerable<(GuardianIncident Incident, long At)> told = _dropped == 0 ? _kept : _kept.Append((Incident: Gap(), At: _lastDroppedAt)).OrderBy(k => k.Incident.Sequence);
        return [.. told.Where(k => NoteEditions.Of(k.Incident.Kind) <= understood).Select(k => k.Incident with { Age = TimeSpan.FromTicks((now - k.At) / 100) })];
    }

    private void Drop()
    {
        int gone = Math.Max(0, _kept.FindIndex(k => k.Incident.Kind >= IncidentKind.BeatsLate));
        _lastDropped = Math.Max(_lastDropped, _kept[gone].Incident.Sequence);
        _lastDroppedAt = _kept[gone].At;
        _dropped++;
        _kept.RemoveAt(gone);
    }

    /// <summary>Takes the place of the last one that it stands for, and is confirmed with it.</summary>
    private GuardianIncident Gap() => new(_lastDropped, IncidentKind.Dropped, TimeSpan.Zero, _dropped.ToString(CultureInfo.InvariantCulture), "", "");

    /// <summary>As the daemon words a note that it gets at once.</summary>
    private static string Milliseconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0.#} ms");

    private static string Short(string text) => text.Length > LongestText ? text[..LongestText] : text;
}
