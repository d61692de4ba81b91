using System.Collections.Immutable;

namespace ClusterActors.Actors;

internal sealed partial class ActorCell
{
    private const string AutoNameAlphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+~";

    // The object is its own lock; null until the first child. Looked up from any thread.
    private Dictionary<string, ChildStats>? _children;
    private long _autoNames;
    private bool _refusesChildren;

    public IActorRef ActorOf(Props props, string? name = null) => MakeChild(props, name, allowReserved: false);

    public IActorRef Child(string name) => (IActorRef?)FindChild(name) ?? ActorRefs.Nobody;

    public IReadOnlyCollection<IActorRef> GetChildren() => ChildRefs();

    public void Stop(IActorRef actor)
    {
        ArgumentNullException.ThrowIfNull(actor);
        if (actor is LocalActorRef local)
        {
            if (StatsOf(local) is { } stats) stats.IsStopping = true;
            local.Stop();
            return;
        }
        throw new ArgumentException($"Stop: {actor} does not run in this process; send it PoisonPill instead", nameof(actor));
    }

    public LocalActorRef? FindChild(string name)
    {
        var children = Volatile.Read(ref _children);
        if (children is null) return null;
        lock (children) return children.TryGetValue(name, out var stats) ? stats.Child : null;
    }

    /// <summary>Makes a child; may be called from outside the actor for the guardians. The name is reserved before anything is built (R-RF5).</summary>
    public LocalActorRef MakeChild(Props props, string? name, bool allowReserved)
    {
        ArgumentNullException.ThrowIfNull(props);
        if (name is not null) CheckName(name, allowReserved);
        var children = Volatile.Read(ref _children)
            ?? Interlocked.CompareExchange(ref _children, new Dictionary<string, ChildStats>(), null) ?? _children!;
        LocalActorRef child;
        lock (children)
        {
            if (_refusesChildren)
                throw new InvalidOperationException($"{SelfRef.Path}: is stopping and takes no more children (asked for '{name ?? "(unnamed)"}')");
            name ??= NextAutoName();
            var path = SelfRef.Path.Child(name, System.NextUid());
            child = new LocalActorRef(path, System, props, SelfRef);
            if (!children.TryAdd(name, new ChildStats(child)))
                throw new InvalidActorNameException($"{SelfRef.Path}: found a second child named '{name}'; names must be unique, and are free again on Terminated");
        }
        // A child made by a failed actor (in PreRestart) stays as suspended as its siblings.
        if (_failedBy is not null && ReferenceEquals(Current, this)) child.SendSystemMessage(new Suspend());
        child.SendSystemMessage(new Create());
        return child;
    }

    private static void CheckName(string name, bool allowReserved)
    {
        if (name.StartsWith('$') && !allowReserved)
            throw new InvalidActorNameException($"actor name: found '{name}'; names starting with $ are the kernel's own");
        if (!ActorPath.IsValidElement(name))
            throw new InvalidActorNameException($"actor name: found '{name}'; must be letters, digits and -_.:$()+@=!,;'~& only, and not empty");
    }

    private string NextAutoName()
    {
        Span<char> text = stackalloc char[12];
        var length = 0;
        text[length++] = '$';
        for (var number = _autoNames++; ; number = number / 64 - 1)
        {
            text[length++] = AutoNameAlphabet[(int)(number % 64)];
            if (number < 64) break;
        }
        return new string(text[..length]);
    }

    private ImmutableArray<LocalActorRef> ChildRefs()
    {
        var children = Volatile.Read(ref _children);
        if (children is null) return [];
        lock (children)
        {
            var refs = ImmutableArray.CreateBuilder<LocalActorRef>(children.Count);
            foreach (var stats in children.Values) refs.Add(stats.Child);
            return refs.MoveToImmutable();
        }
    }

    private ChildStats? StatsOf(IActorRef child)
    {
        var children = _children;
        if (children is null) return null;
        lock (children)
        {
            return children.TryGetValue(child.Path.Name, out var stats) && ReferenceEquals(stats.Child, child) ? stats : null;
        }
    }

    private bool AnyChild(Predicate<ChildStats> condition)
    {
        var children = _children;
        if (children is null) return false;
        lock (children)
        {
            foreach (var stats in children.Values)
            {
                if (condition(stats)) return true;
            }
        }
        return false;
    }

    /// <summary>Stops all children and takes no new ones when terminating; true while some are left.</summary>
    private bool StopAllChildren()
    {
        if (Phase == CellPhase.Terminating) RefuseChildren();
        var children = ChildRefs();
        foreach (var child in children) Stop(child);
        return children.Length > 0;
    }

    private void RefuseChildren()
    {
        var children = Volatile.Read(ref _children)
            ?? Interlocked.CompareExchange(ref _children, new Dictionary<string, ChildStats>(0), null) ?? _children!;
        lock (children) _refusesChildren = true;
    }

    /// <summary>A child is gone: its name is free, and whatever waited for the last child goes on.</summary>
    private void RemoveChild(IActorRef child)
    {
        var children = _children!;
        lock (children) children.Remove(child.Path.Name);
        switch (Phase)
        {
            case CellPhase.Terminating when !AnyChild(static _ => true):
                FinishTerminate();
                break;
            case CellPhase.WaitingToRecreate when !AnyChild(static stats => stats.IsStopping):
                FinishRecreate();
                break;
            case CellPhase.WaitingToCreate when !AnyChild(static _ => true):
                FinishCreate();
                break;
        }
    }
}
