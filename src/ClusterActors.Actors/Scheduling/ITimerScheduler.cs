namespace ClusterActors.Actors;

/// <summary>Gets a set of keyed timers bound to the actor's life; set by the kernel before <c>PreStart</c>.</summary>
public interface IWithTimers
{
    /// <summary>The actor's timers.</summary>
    ITimerScheduler Timers { get; set; }
}

/// <summary>
/// Keyed timers of one actor. A new timer under a used key replaces the old one, and a tick of the old one that already
/// waits in the mailbox is thrown away. All end with restart and stop. Only for use by the actor itself.
/// </summary>
public interface ITimerScheduler
{
    /// <summary>Tells <paramref name="message"/> to the actor once.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The delay is negative.</exception>
    void StartSingleTimer(object key, object message, TimeSpan timeout);

    /// <summary>Fixed delay (D4): the next tick is due one interval after the actor took the last one, so a stalled actor finds one tick, not a burst.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The interval is not positive.</exception>
    void StartPeriodicTimer(object key, object message, TimeSpan interval);

    /// <summary>As above with another delay before the first tick.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The interval is not positive or the delay negative.</exception>
    void StartPeriodicTimer(object key, object message, TimeSpan initialDelay, TimeSpan interval);

    /// <summary>Fixed rate: ticks stay on the grid of the first one; those missed in a stall are left out.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The interval is not positive.</exception>
    void StartTimerAtFixedRate(object key, object message, TimeSpan interval);

    /// <summary>True while a timer with that key is set.</summary>
    bool IsTimerActive(object key);

    /// <summary>Ends the timer with that key, if any; no tick of it is delivered afterwards.</summary>
    void Cancel(object key);

    /// <summary>Ends all.</summary>
    void CancelAll();
}
