using ClusterActors.Heartbeats.Engine;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Guardian.Beats;

/// <summary>
/// Tells when passes begin later than the scheduling error that the safety inequalities count with. The first late pass is told at once;
/// of those within the next <see cref="Pause"/> only the worst, at its end, so that a bad machine does not flood. Allocates nothing.
/// </summary>
internal sealed class LateBeats(NoteQueue notes, TimeSpan limit)
{
    /// <summary>Shortest time between two notes, nanoseconds.</summary>
    public const long Pause = 10_000_000_000;

    private const long NeverTold = long.MinValue / 2;

    private long _limit = limit.Ticks * 100;
    private long _toldAt = NeverTold;
    private long _worst;
    private long _worstDue;

    public void Apply(TimeSpan limit) => _limit = limit.Ticks * 100;

    /// <summary>A scheduled pass that was due at <paramref name="due"/> begins.</summary>
    public void Begins(long due, long now)
    {
        // Settings of a daemon that does not tell the limit.
        if (_limit <= 0)
            return;
        long lateness = now - due;
        if (lateness > _limit && lateness > _worst)
            (_worst, _worstDue) = (lateness, due);
        if (_worst == 0 || now - _toldAt < Pause)
            return;
        notes.Add(new EngineNote
        {
            Kind = EngineNoteKind.BeatLate,
            Nanoseconds = _worst,
            LimitNanoseconds = _limit,
            DueNanoseconds = _worstDue,
            Reason = "",
        });
        (_toldAt, _worst) = (now, 0);
    }
}
