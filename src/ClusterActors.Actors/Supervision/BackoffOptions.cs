namespace ClusterActors.Actors;

/// <summary>When a backoff supervisor makes its child again.</summary>
public enum BackoffKind
{
    /// <summary>After the child has stopped by itself.</summary>
    OnStop,

    /// <summary>After the child has failed; it is stopped and made again, and so loses its mailbox.</summary>
    OnFailure,
}

/// <summary>Entry points, as in Akka.NET.</summary>
public static class Backoff
{
    /// <summary>Makes the child again, with growing delays, whenever it has stopped. For actors that stop on failure, such as persistent ones.</summary>
    public static BackoffOptions OnStop(
        Props childProps, string childName, TimeSpan minBackoff, TimeSpan maxBackoff, double randomFactor, int maxNrOfRetries = -1) =>
        new(BackoffKind.OnStop, childProps, childName, minBackoff, maxBackoff, randomFactor) { MaxNrOfRetries = maxNrOfRetries };

    /// <summary>Stops the child when it fails and makes it again, with growing delays.</summary>
    public static BackoffOptions OnFailure(
        Props childProps, string childName, TimeSpan minBackoff, TimeSpan maxBackoff, double randomFactor, int maxNrOfRetries = -1) =>
        new(BackoffKind.OnFailure, childProps, childName, minBackoff, maxBackoff, randomFactor) { MaxNrOfRetries = maxNrOfRetries };
}

/// <summary>Settings of a <see cref="BackoffSupervisor"/>.</summary>
public sealed record BackoffOptions
{
    internal BackoffOptions(BackoffKind kind, Props childProps, string childName, TimeSpan minBackoff, TimeSpan maxBackoff, double randomFactor)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(minBackoff, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxBackoff, minBackoff);
        ArgumentOutOfRangeException.ThrowIfNegative(randomFactor);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(randomFactor, 1);
        Kind = kind;
        ChildProps = childProps;
        ChildName = childName;
        MinBackoff = minBackoff;
        MaxBackoff = maxBackoff;
        RandomFactor = randomFactor;
        ResetBackoff = minBackoff;
    }

    internal BackoffKind Kind { get; }

    internal Props ChildProps { get; }

    internal string ChildName { get; }

    internal TimeSpan MinBackoff { get; }

    internal TimeSpan MaxBackoff { get; }

    internal double RandomFactor { get; }

    internal int MaxNrOfRetries { get; init; } = -1;

    /// <summary>Null: only an explicit <see cref="BackoffSupervisor.Reset"/> sets the count back.</summary>
    internal TimeSpan? ResetBackoff { get; private init; }

    internal object? ReplyWhileStopped { get; private init; }

    internal Func<object, bool>? FinalStopMessage { get; private init; }

    internal Func<Exception, Directive>? Decider { get; private init; }

    /// <summary>The count goes back to zero after this long without a new failure (default: the minimum backoff).</summary>
    public BackoffOptions WithAutoReset(TimeSpan resetBackoff) => this with { ResetBackoff = resetBackoff };

    /// <summary>The count goes back only on <see cref="BackoffSupervisor.Reset"/>.</summary>
    public BackoffOptions WithManualReset() => this with { ResetBackoff = null };

    /// <summary>Answer to messages that come while there is no child; else they are dead letters.</summary>
    public BackoffOptions WithReplyWhileStopped(object reply) => this with { ReplyWhileStopped = reply };

    /// <summary>Once such a message has been passed on, the child's stop is the supervisor's stop too.</summary>
    public BackoffOptions WithFinalStopMessage(Func<object, bool> isFinal) => this with { FinalStopMessage = isFinal };

    /// <summary>Verdict per exception. With <see cref="Backoff.OnFailure"/> a Restart means "stop and make again later".</summary>
    public BackoffOptions WithDecider(Func<Exception, Directive> decider) => this with { Decider = decider };

    /// <summary>Restarts allowed before the supervisor gives up and stops; negative: any number.</summary>
    public BackoffOptions WithMaxNrOfRetries(int maxNrOfRetries) => this with { MaxNrOfRetries = maxNrOfRetries };
}
