namespace ClusterActors.Actors;

/// <summary>
/// A path looked up anew at each Tell; no match makes a dead letter with the original message, sender and target path
/// (R-RF9). Steps may be names and <c>..</c>; patterns are not supported.
/// </summary>
public sealed class ActorSelection : ICanTell
{
    private readonly IReadOnlyList<string> _steps;

    private ActorSelection(InternalActorRef anchor, IReadOnlyList<string> steps)
    {
        Anchor = anchor;
        _steps = steps;
    }

    /// <summary>Where the steps start; a ref on another server when the path names one.</summary>
    public IActorRef AnchorRef => Anchor;

    /// <summary>The steps as text.</summary>
    public string PathString => string.Join('/', _steps);

    internal InternalActorRef Anchor { get; }

    /// <inheritdoc />
    public void Tell(object message, IActorRef? sender)
    {
        ArgumentNullException.ThrowIfNull(message);
        Resolve().Tell(message, sender);
    }

    /// <summary>The actor that lives there now.</summary>
    /// <exception cref="ActorNotFoundException">None does, or it did not answer in time.</exception>
    public async Task<IActorRef> ResolveOne(TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        ActorIdentity answer;
        try
        {
            answer = await this.Ask<ActorIdentity>(new Identify(this), timeout, cancellationToken);
        }
        catch (AskTimeoutException failure)
        {
            throw new ActorNotFoundException($"{this}: {failure.Message}");
        }
        return answer.Subject ?? throw new ActorNotFoundException($"{this}: no actor lives at this path");
    }

    /// <inheritdoc />
    public override string ToString() => $"ActorSelection[{Anchor.Path}, {PathString}]";

    internal static ActorSelection From(InternalActorRef here, string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var system = here.System!;
        if (path.StartsWith(Address.Protocol + "://", StringComparison.Ordinal))
            return From(system.Provider, ActorPath.Parse(path));
        var absolute = path[0] == '/';
        var steps = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        foreach (var step in steps)
        {
            if (step is not ("." or "..") && !ActorPath.IsValidElement(step))
                throw new ArgumentException($"selection '{path}': found step '{step}', must be a name or '..'; patterns are not supported", nameof(path));
        }
        return new ActorSelection(absolute ? system.Provider.RootGuardian : here, steps);
    }

    // A local path is walked at each Tell; one of another server is looked up there, at each arrival.
    private static ActorSelection From(ActorRefProvider provider, ActorPath path) =>
        provider.IsOwn(path.Address)
            ? new ActorSelection(provider.RootGuardian, path.Elements)
            : new ActorSelection((InternalActorRef)provider.ResolveActorRef(path), []);

    private InternalActorRef Resolve()
    {
        var current = Anchor;
        var path = Anchor.Path;
        foreach (var step in _steps)
        {
            if (step == ".") continue;
            if (step == "..")
            {
                // Above the root is the root.
                path = path.Parent ?? path;
                current = current is EmptyLocalActorRef ? Anchor.System!.Provider.ResolveLocal(path) : current.Parent ?? Anchor.System!.Provider.RootGuardian;
                continue;
            }
            path /= step;
            current = Anchor.System!.Provider.ChildOf(current, step)
                ?? new EmptyLocalActorRef(Anchor.System!, path.WithUid(ActorPath.UndefinedUid), DeadLetterReasons.NoSuchActor);
        }
        return current;
    }
}
