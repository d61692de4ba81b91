namespace ClusterActors.Actors;

/// <summary>What a supervisor does about a failed child.</summary>
public enum Directive
{
    /// <summary>Go on with the same instance; the failing message is dropped.</summary>
    Resume,

    /// <summary>A new instance takes over ref and mailbox.</summary>
    Restart,

    /// <summary>Stop it.</summary>
    Stop,

    /// <summary>The supervisor itself fails with the child's exception.</summary>
    Escalate,
}

/// <summary>Decides about failed children.</summary>
public abstract class SupervisorStrategy
{
    /// <summary>One for one, no limit, <see cref="DefaultDecider"/>.</summary>
    public static SupervisorStrategy DefaultStrategy { get; } = new OneForOneStrategy(DefaultDecider);

    /// <summary>Stops whatever fails.</summary>
    public static SupervisorStrategy StoppingStrategy { get; } = new OneForOneStrategy(static _ => Directive.Stop);

    /// <summary>Stop for failed starts, <see cref="Kill"/> and death pacts; restart for everything else (R-SV3).</summary>
    public static Directive DefaultDecider(Exception cause) => cause switch
    {
        ActorInitializationException or ActorKilledException or DeathPactException => Directive.Stop,
        _ => Directive.Restart,
    };

    /// <summary>The verdict for one failure, limits included.</summary>
    protected internal abstract Directive Decide(IActorRef child, Exception cause, ChildStats stats, TimeProvider time);
}

/// <summary>The verdict concerns the failed child only.</summary>
/// <param name="maxNrOfRetries">Restarts allowed; negative: any number, 0: none.</param>
/// <param name="withinTimeRange">Window for the count; zero or less: the whole life.</param>
/// <param name="decider">Exception to directive.</param>
public sealed class OneForOneStrategy(int maxNrOfRetries, TimeSpan withinTimeRange, Func<Exception, Directive> decider) : SupervisorStrategy
{
    /// <summary>No limits.</summary>
    public OneForOneStrategy(Func<Exception, Directive> decider)
        : this(-1, TimeSpan.Zero, decider) { }

    /// <summary>The decider.</summary>
    public Func<Exception, Directive> Decider => decider;

    /// <inheritdoc />
    protected internal override Directive Decide(IActorRef child, Exception cause, ChildStats stats, TimeProvider time)
    {
        var directive = decider(cause);
        if (directive != Directive.Restart) return directive;
        return stats.RequestRestartPermission(maxNrOfRetries, withinTimeRange, time) ? Directive.Restart : Directive.Stop;
    }
}
