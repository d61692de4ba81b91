namespace ClusterActors.Actors;

/// <summary>Immutable recipe for an actor; used again for every new instance, so it may be shared and kept.</summary>
public sealed class Props
{
    private readonly Func<ActorBase> _factory;

    private Props(Func<ActorBase> factory, string typeName, SupervisorStrategy? strategy)
    {
        _factory = factory;
        TypeName = typeName;
        SupervisorStrategy = strategy;
    }

    /// <summary>Name of the actor's class, for logs.</summary>
    public string TypeName { get; }

    /// <summary>Overrides the actor's own strategy for its children; null unless set.</summary>
    public SupervisorStrategy? SupervisorStrategy { get; }

    /// <summary>A recipe from a factory, which must build a new instance at each call.</summary>
    /// <exception cref="ArgumentNullException"><paramref name="factory"/> is null.</exception>
    public static Props Create<TActor>(Func<TActor> factory, SupervisorStrategy? supervisorStrategy = null)
        where TActor : ActorBase
    {
        ArgumentNullException.ThrowIfNull(factory);
        return new Props(factory, typeof(TActor).Name, supervisorStrategy);
    }

    /// <summary>A recipe for an actor with a parameterless constructor.</summary>
    public static Props Create<TActor>(SupervisorStrategy? supervisorStrategy = null)
        where TActor : ActorBase, new() => new(static () => new TActor(), typeof(TActor).Name, supervisorStrategy);

    /// <summary>The same recipe with another strategy for the children.</summary>
    public Props WithSupervisorStrategy(SupervisorStrategy strategy) => new(_factory, TypeName, strategy);

    internal ActorBase NewActor() => _factory();
}
