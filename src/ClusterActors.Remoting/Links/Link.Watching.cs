using System.Text;
using ClusterActors.Actors;

namespace ClusterActors.Remoting;

internal sealed partial class Link
{
    /// <summary>Local watchers of actors over there; the path compares without uid, as a watch may name none.</summary>
    private readonly Dictionary<(ActorPath Watchee, IActorRef Watcher), IActorRef> _watching = [];

    /// <summary>Watchers over there of local actors.</summary>
    private readonly HashSet<(IActorRef Watchee, IActorRef Watcher)> _watched = [];

    public void SendWatch(RemoteActorRef watchee, IActorRef watcher)
    {
        var effects = new Effects(this);
        lock (_gate)
        {
            if (_lost || _stopped)
            {
                // Watching something on a server that is lost ends at once instead of never (R-DW10).
                effects.Add(() => Notify(watcher, watchee, existed: false, addressTerminated: true));
            }
            else
            {
                _watching[(watchee.Path, watcher)] = watchee;
                SendSystem(SystemKind.Watch, 0, watchee.PathUtf8, TextOf(watcher), effects);
            }
        }

        effects.Run();
    }

    public void SendUnwatch(RemoteActorRef watchee, IActorRef watcher)
    {
        var effects = new Effects(this);
        lock (_gate)
        {
            if (_watching.Remove((watchee.Path, watcher)))
            {
                SendSystem(SystemKind.Unwatch, 0, watchee.PathUtf8, TextOf(watcher), effects);
            }
        }

        effects.Run();
    }

    public void SendNotification(RemoteActorRef watcher, DeathWatchNotification notification)
    {
        var effects = new Effects(this);
        lock (_gate)
        {
            if (_watched.Remove((notification.Actor, watcher)))
            {
                var flags = (notification.ExistenceConfirmed ? 1 : 0) | (notification.AddressTerminated ? 2 : 0);
                SendSystem(SystemKind.Terminated, (byte)flags, TextOf(notification.Actor), watcher.PathUtf8, effects);
            }
        }

        effects.Run();
    }

    private static void Notify(IActorRef watcher, IActorRef dead, bool existed, bool addressTerminated) =>
        ((InternalActorRef)watcher).SendSystemMessage(new DeathWatchNotification(dead, existed, addressTerminated));

    private void EndWatches(Effects effects)
    {
        foreach (var ((_, watcher), watchee) in _watching)
        {
            effects.Add(() => Notify(watcher, watchee, existed: true, addressTerminated: true));
        }

        foreach (var (watchee, watcher) in _watched)
        {
            effects.Add(() => ((InternalActorRef)watchee).SendSystemMessage(new Unwatch(watchee, watcher)));
        }

        _watching.Clear();
        _watched.Clear();
    }

    private void Deliver(SystemKind kind, byte flags, ActorPath first, ActorPath second)
    {
        var one = (InternalActorRef)_system.Provider.ResolveActorRef(first);
        var two = (InternalActorRef)_system.Provider.ResolveActorRef(second);
        switch (kind)
        {
            case SystemKind.Watch:
                lock (_gate)
                {
                    _watched.Add((one, two));
                }

                one.SendSystemMessage(new Watch(one, two));
                break;
            case SystemKind.Unwatch:
                lock (_gate)
                {
                    _watched.Remove((one, two));
                }

                one.SendSystemMessage(new Unwatch(one, two));
                break;
            case SystemKind.Terminated:
                bool known;
                lock (_gate)
                {
                    known = _watching.Remove((one.Path, two));
                }

                if (known)
                {
                    Notify(two, one, (flags & 1) != 0, (flags & 2) != 0);
                }

                break;
        }
    }

    private byte[] TextOf(IActorRef actor) => Encoding.ASCII.GetBytes(_system.Provider.ToText(actor));
}
