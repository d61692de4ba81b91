namespace ClusterActors.Guardian.Control;

/// <summary>
/// How long a daemon has given no sign of life, as far as its guardian can tell: time in which the guardian itself stood still, which shows as
/// a look that comes later than it was planned for, counts for one interval at most. Pure.
/// </summary>
internal sealed class DaemonSilence
{
    // A guardian that is late at every look would else never find a hang.
    private const int MostExcuses = 5;

    private long _begun;
    private long _nextLook;
    private int _excuses;

    /// <summary>It has given a sign since <see cref="Begin"/>.</summary>
    public bool Heard { get; private set; }

    /// <summary>Since when there was none. A daemon that has just connected is silent from then on.</summary>
    public long Since { get; private set; }

    public void Begin(long now) => (_begun, Since, _nextLook, Heard, _excuses) = (now, now, now, false, 0);

    /// <param name="sign">Boot time of the newest sign; one from before <see cref="Begin"/> is that of an earlier daemon.</param>
    /// <param name="interval">Time between two signs.</param>
    public void Look(long now, long sign, long interval)
    {
        if (sign >= _begun && sign <= now && (sign > Since || !Heard))
            (Heard, Since, _excuses) = (true, Math.Max(Since, sign), 0);
        if (now - _nextLook > interval && now - Since > interval && _excuses++ < MostExcuses)
            Since = now - interval;
    }

    /// <summary>The next look will be at <paramref name="due"/>, or before.</summary>
    public void Plan(long due) => _nextLook = due;
}
