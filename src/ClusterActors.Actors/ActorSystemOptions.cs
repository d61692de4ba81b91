namespace ClusterActors.Actors;

/// <summary>Settings of an actor system; the defaults suit a daemon.</summary>
public sealed record ActorSystemOptions
{
    /// <summary>Every clock of the system: timers, timeouts, timestamps. Default: the real one.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Where turns run. Default: the thread pool.</summary>
    public MessageDispatcher? Dispatcher { get; init; }

    /// <summary>Where log lines go. Default: warnings and errors to standard error.</summary>
    public ILogSink LogSink { get; init; } = StandardErrorSink.Instance;

    /// <summary>Name under which other servers know this one; null for a system that stays alone.</summary>
    public string? Server { get; init; }

    /// <summary>Source of uids and of random delays. Null: drawn at random; a number makes both repeatable.</summary>
    public long? Seed { get; init; }

    /// <summary>User messages that may wait per actor (default 100,000); more become dead letters with that reason.</summary>
    public int MailboxLimit { get; init; } = 100_000;

    /// <summary>Waiting messages at which an actor's mailbox is warned about, and again at each doubling (default 10,000); 0: never.</summary>
    public int MailboxWarnLength { get; init; } = 10_000;

    /// <summary>User messages an actor handles per turn (default 30).</summary>
    public int Throughput { get; init; } = 30;

    /// <summary>How long an ask waits that names no time (default 5 s).</summary>
    public TimeSpan AskTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Strategy for the actors directly below <c>/user</c>; one that escalates ends the system (R-SV8).</summary>
    public SupervisorStrategy GuardianStrategy { get; init; } = SupervisorStrategy.DefaultStrategy;

    /// <summary>Dead letters logged before a pause (default 10); 0: none.</summary>
    public int DeadLetterLogCount { get; init; } = 10;

    /// <summary>How long dead letters are only counted afterwards (default 5 min).</summary>
    public TimeSpan DeadLetterLogPause { get; init; } = TimeSpan.FromMinutes(5);
}
