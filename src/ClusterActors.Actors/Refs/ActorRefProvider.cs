using System.Collections.Concurrent;
using System.Globalization;

namespace ClusterActors.Actors;

/// <summary>
/// The hook of the link layer: turns paths of other servers into refs. Installed once with
/// <see cref="ActorRefProvider.InstallRemoting"/>.
/// </summary>
/// <remarks>
/// Duties of whoever implements it: a remote ref carries <see cref="Watch"/>, <see cref="Unwatch"/> and
/// <see cref="DeathWatchNotification"/> over in order; for a server declared lost it sends every local watcher a
/// notification with <c>AddressTerminated</c>, and every local watched actor an <see cref="Unwatch"/> for each watcher there.
/// Messages it cannot deliver go to <see cref="ActorSystem.PublishDeadLetter"/> with a reason, which also fails asks at once.
/// </remarks>
public interface IRemoteActorRefs
{
    /// <summary>A ref for a path whose address is not the own one. Without uid: whichever incarnation lives there.</summary>
    InternalActorRef Resolve(ActorPath path);
}

/// <summary>Finds refs by path: the tree of this process, temporary refs, and through the hook those of other servers.</summary>
public sealed class ActorRefProvider
{
    private readonly ActorSystem _system;
    private readonly ConcurrentDictionary<string, InternalActorRef> _temps = new();
    private readonly ActorPath _tempRoot;
    private long _tempNames;
    private IRemoteActorRefs? _remote;

    internal ActorRefProvider(ActorSystem system, LocalActorRef rootGuardian)
    {
        _system = system;
        RootGuardian = rootGuardian;
        _tempRoot = rootGuardian.Path / "temp";
        DefaultAddress = new Address(system.Name, system.Options.Server);
    }

    /// <summary>The address under which other servers know this system; the same as the local one when no server is configured.</summary>
    public Address DefaultAddress { get; }

    /// <summary>Temporary refs that can be found by path at the moment; for leak tests.</summary>
    public int TempCount => _temps.Count;

    internal LocalActorRef RootGuardian { get; }

    /// <summary>Installs the link layer.</summary>
    /// <exception cref="InvalidOperationException">One is installed already.</exception>
    public void InstallRemoting(IRemoteActorRefs remote)
    {
        ArgumentNullException.ThrowIfNull(remote);
        if (Interlocked.CompareExchange(ref _remote, remote, null) is not null)
            throw new InvalidOperationException($"{_system.Name}: a link layer is installed already; there can be one only");
    }

    /// <summary>True when the address means this system.</summary>
    public bool IsOwn(Address address)
    {
        ArgumentNullException.ThrowIfNull(address);
        return address == DefaultAddress || (!address.IsGlobal && address.System == _system.Name);
    }

    /// <summary>
    /// The ref for a path. With a uid only that incarnation, else whichever lives there; a ref that answers like a dead
    /// actor when there is none. Never null.
    /// </summary>
    public IActorRef ResolveActorRef(ActorPath path)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (IsOwn(path.Address)) return ResolveLocal(path);
        return _remote?.Resolve(path) ?? (IActorRef)new EmptyLocalActorRef(_system, path, DeadLetterReasons.NoRemoting);
    }

    /// <summary>As above from text.</summary>
    /// <exception cref="FormatException">The text is no path.</exception>
    public IActorRef ResolveActorRef(string path) => ResolveActorRef(ActorPath.Parse(path));

    /// <summary>Full text of a ref for the wire or a store: address of this server, path and uid.</summary>
    public string ToText(IActorRef actor)
    {
        ArgumentNullException.ThrowIfNull(actor);
        return actor.Path.ToSerializationFormat(DefaultAddress);
    }

    internal InternalActorRef ResolveLocal(ActorPath path)
    {
        InternalActorRef? current = RootGuardian;
        foreach (var element in path.Elements)
        {
            current = ChildOf(current, element);
            if (current is null) break;
        }
        if (current is not null && (path.Uid == ActorPath.UndefinedUid || path.Uid == current.Path.Uid)) return current;
        return new EmptyLocalActorRef(_system, path.WithAddress(RootGuardian.Path.Address), DeadLetterReasons.NoSuchActor);
    }

    internal InternalActorRef? ChildOf(InternalActorRef parent, string name)
    {
        if (parent is TempContainer) return _temps.GetValueOrDefault(name);
        if (parent.GetSingleChild(name) is { } child) return child;
        if (!ReferenceEquals(parent, RootGuardian)) return null;
        return name switch
        {
            "temp" => new TempContainer(_system, _tempRoot),
            "deadLetters" => _system.DeadLettersRef,
            _ => null,
        };
    }

    internal ActorPath AddTemp(InternalActorRef actor)
    {
        var name = "$" + Interlocked.Increment(ref _tempNames).ToString("x", CultureInfo.InvariantCulture);
        // The uid makes sure that a late answer does not reach a later process's temporary of the same name.
        var path = _tempRoot.Child(name, _system.NextUid());
        _temps[name] = actor;
        return path;
    }

    internal void RemoveTemp(string name) => _temps.TryRemove(name, out _);

    private sealed class TempContainer(ActorSystem system, ActorPath path) : MinimalActorRef
    {
        public override ActorPath Path => path;

        public override ActorSystem System => system;

        protected override void TellInternal(object message, IActorRef? sender) =>
            system.DeadLetterMailbox.Publish(message, sender, this, DeadLetterReasons.NoSuchActor);
    }
}
