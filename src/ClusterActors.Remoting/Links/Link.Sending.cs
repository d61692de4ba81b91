using System.Text;
using System.Text.Json;
using ClusterActors.Actors;

namespace ClusterActors.Remoting;

internal sealed partial class Link
{
    [ThreadStatic]
    private static (IActorRef? Sender, byte[] Path) s_lastSender;

    private readonly Queue<(ulong Number, byte[] Frame)> _unacknowledged = new();
    private ulong _lastSent;
    private long _sent;
    private long _droppedDown;
    private long _droppedFull;
    private long _droppedUnsendable;

    /// <summary>Sends a user message at most once. Never waits; what cannot go becomes a dead letter with the reason.</summary>
    public void Send(object message, IActorRef? sender, RemoteActorRef target)
    {
        if (_up is not { } connection)
        {
            Interlocked.Increment(ref _droppedDown);
            _system.PublishDeadLetter(message, sender, target, $"the link to {_peer} is down");
            return;
        }

        var wire = KernelMessages.ToWire(message);
        if (_registry.FormOf(wire.GetType()) is not { } form)
        {
            DropUnsendable(message, sender, target, "its type has no manifest in the wire registry");
            return;
        }

        var frame = FrameBuffer.Begin(FrameKind.Message);
        try
        {
            Build(frame, form, wire, sender, target);
        }
        catch (Exception e) when (e is JsonException or NotSupportedException or InvalidOperationException or ArgumentException or OverflowException)
        {
            DropUnsendable(message, sender, target, $"it cannot be written as JSON: {e.Message}");
            return;
        }

        if (frame.Length > _options.MaxFrameBytes)
        {
            DropUnsendable(message, sender, target, $"it is {frame.Length} bytes long, {_options.MaxFrameBytes} are allowed");
            return;
        }

        if (connection.TrySend(frame.Finish()))
        {
            Interlocked.Increment(ref _sent);
        }
        else
        {
            Interlocked.Increment(ref _droppedFull);
            _system.PublishDeadLetter(message, sender, target, $"the send queue to {_peer} is full or its link has just gone down");
        }
    }

    private void Build(FrameBuffer frame, WireForm form, object wire, IActorRef? sender, RemoteActorRef target)
    {
        frame.Short(form.ManifestUtf8).UInt16(form.Version).UInt16(form.ReadableFrom).Long(target.PathUtf8).Long(PathOf(sender));
        ActorRefJsonConverter.Provider = _system.Provider;
        try
        {
            var json = frame.Json();
            form.Write(json, wire);
            json.Flush();
        }
        finally
        {
            ActorRefJsonConverter.Provider = null;
        }
    }

    private byte[] PathOf(IActorRef? sender)
    {
        if (sender is null)
        {
            return [];
        }

        if (sender is RemoteActorRef remote)
        {
            return remote.PathUtf8;
        }

        // An actor usually sends several messages in a turn; its path is made once. Refs of other systems in this process differ by reference.
        if (!ReferenceEquals(s_lastSender.Sender, sender))
        {
            s_lastSender = (sender, Encoding.ASCII.GetBytes(_system.Provider.ToText(sender)));
        }

        return s_lastSender.Path;
    }

    private void DropUnsendable(object message, IActorRef? sender, RemoteActorRef target, string why)
    {
        Interlocked.Increment(ref _droppedUnsendable);
        _log.Error(null, "message {Type} from {Sender} to {Target} is not sent: {Reason}", message.GetType().Name, sender?.ToString() ?? "nobody", target, why);
        _system.PublishDeadLetter(message, sender, target, why);
    }

    /// <summary>
    /// Queues a numbered system message and sends it if the link is up; after a reconnect within the session all that are not
    /// acknowledged are sent again, in order (R-RM3). Called with the lock held.
    /// </summary>
    private void SendSystem(SystemKind kind, byte flags, byte[] first, byte[] second, Effects effects)
    {
        if (_unacknowledged.Count >= _options.MaxUnacknowledged)
        {
            Disconnect("too many unacknowledged system messages", effects);
            Forget($"{_options.MaxUnacknowledged} system messages are not acknowledged", effects);
            Redial();
            return;
        }

        var number = ++_lastSent;
        var frame = FrameBuffer.Begin(FrameKind.System).UInt64(number).Byte((byte)kind).Byte(flags).Long(first).Long(second).Finish().ToArray();
        _unacknowledged.Enqueue((number, frame));
        if (_up is { } connection && !connection.TrySend(frame))
        {
            // No room: the resending after a new connection keeps the order, a gap would not.
            Disconnect("the send queue has no room for a system message", effects);
            Redial();
        }
    }

    private void Acknowledged(ulong upTo)
    {
        while (_unacknowledged.TryPeek(out var oldest) && oldest.Number <= upTo)
        {
            _unacknowledged.Dequeue();
        }
    }
}

internal enum SystemKind : byte
{
    /// <summary>First path: watchee here; second: watcher at the sender.</summary>
    Watch = 1,

    /// <summary>As Watch.</summary>
    Unwatch = 2,

    /// <summary>First path: the actor at the sender that has ended; second: watcher here. Flag 1: its existence was seen. Flag 2: its server is lost.</summary>
    Terminated = 3,
}
