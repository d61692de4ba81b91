using System.Text;
using System.Text.Json;
using ClusterActors.Actors;

namespace ClusterActors.Remoting;

internal sealed partial class Link
{
    private const int CachedPaths = 4096;

    // Used only by the callbacks of the present connection, which never overlap.
    private readonly Dictionary<string, IActorRef> _refs = new(StringComparer.Ordinal);
    private ulong _lastDelivered;
    private long _received;
    private long _droppedUnreadable;

    // A peer of a newer release may send kinds without end; what it says is not to be kept without end.
    private const int DroppedKindsTold = 100;
    private readonly HashSet<string> _droppedKinds = new(StringComparer.Ordinal);

    private void Received(ILinkConnection connection, ReadOnlyMemory<byte> frame)
    {
        if (!ReferenceEquals(connection, Volatile.Read(ref _connection)) && ((FrameKind)frame.Span[0] != FrameKind.Hello || !TakeOver(connection)))
        {
            return;
        }

        Volatile.Write(ref _lastHeard, _system.Time.GetTimestamp());
        try
        {
            Dispatch(connection, frame.Span);
        }
        catch (MalformedFrameException e)
        {
            _log.Error(null, "link to {Server} is cut: {Reason}", _peer, e.Message);
            connection.Close(e.Message);
        }
    }

    private void Dispatch(ILinkConnection connection, ReadOnlySpan<byte> frame)
    {
        var reader = new FrameReader(frame);
        var kind = (FrameKind)reader.Byte();
        if (kind == FrameKind.Hello)
        {
            ReceivedHello(connection, ParseHello(reader.Rest()));
            return;
        }

        if (kind == FrameKind.Goodbye)
        {
            connection.Close($"the peer said: {Encoding.UTF8.GetString(reader.Rest())}");
            return;
        }

        if (!ReferenceEquals(connection, _up))
        {
            throw new MalformedFrameException($"a frame of kind {kind} came before the hello");
        }

        switch (kind)
        {
            case FrameKind.Message:
                ReceivedMessage(ref reader);
                break;
            case FrameKind.System:
                ReceivedSystem(connection, ref reader);
                break;
            case FrameKind.Ack:
                lock (_gate)
                {
                    Acknowledged(reader.UInt64());
                }

                break;
            case FrameKind.Ping:
                break;
            default:
                break; // A kind of a newer minor version: passed over, like members that are not known.
        }
    }

    private static Hello ParseHello(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, HelloJson.Default.Hello) ?? throw new MalformedFrameException("the hello is empty");
        }
        catch (JsonException e)
        {
            throw new MalformedFrameException($"the hello cannot be read: {e.Message}");
        }
    }

    private void ReceivedMessage(ref FrameReader reader)
    {
        var manifest = reader.Short();
        var version = reader.UInt16();
        var readableFrom = reader.UInt16();
        var target = reader.Long();
        var sender = reader.Long();
        if (TryRead(manifest, version, readableFrom, reader.Rest(), out var reason) is not { } message)
        {
            DropUnreadable(Encoding.UTF8.GetString(manifest), version, sender, target, reason);
            return;
        }

        if (RefOf(target) is not { } receiver)
        {
            DropUnreadable(Encoding.UTF8.GetString(manifest), version, sender, target, "its target is no path");
            return;
        }

        Interlocked.Increment(ref _received);
        receiver.Tell(message, sender.IsEmpty ? null : RefOf(sender));
    }

    private object? TryRead(ReadOnlySpan<byte> manifest, ushort version, ushort readableFrom, ReadOnlySpan<byte> json, out string reason)
    {
        Span<char> name = stackalloc char[256];
        name = name[..Encoding.Latin1.GetChars(manifest, name)];
        reason = "";
        if (_registry.FormOf(name) is not { } form)
        {
            reason = "its manifest is not known here";
            return null;
        }

        ActorRefJsonConverter.Provider = _system.Provider;
        try
        {
            if (form.Read(version, readableFrom, json) is { } wire)
            {
                return KernelMessages.FromWire(wire);
            }

            reason = $"this server reads version {form.Version} and older ones it knows";
        }
        catch (Exception e)
        {
            // The border to another program: whatever its message does to a reader, the message is lost and the link stays (R-RM4).
            reason = $"it cannot be read: {e.Message}";
        }
        finally
        {
            ActorRefJsonConverter.Provider = null;
        }

        return null;
    }

    private void DropUnreadable(string manifest, int version, ReadOnlySpan<byte> sender, ReadOnlySpan<byte> target, string reason)
    {
        if (_droppedKinds.Count < DroppedKindsTold && _droppedKinds.Add(manifest))
        {
            _system.EventStream.Publish(new MessageDropped(_peer, manifest, reason));
        }

        var count = Interlocked.Increment(ref _droppedUnreadable);
        if (count <= 10 || count % 1000 == 0)
        {
            _log.Error(
                null, "message {Type} version {Version} from {Sender} to {Target} is dropped ({Count} so far): {Reason}",
                manifest, version, sender.IsEmpty ? "nobody" : Encoding.UTF8.GetString(sender), Encoding.UTF8.GetString(target), count, reason);
        }
    }

    private void ReceivedOversize(ILinkConnection connection, int length, ReadOnlyMemory<byte> start)
    {
        if (!ReferenceEquals(connection, Volatile.Read(ref _connection)))
        {
            return;
        }

        Volatile.Write(ref _lastHeard, _system.Time.GetTimestamp());
        try
        {
            var reader = new FrameReader(start.Span);
            var kind = (FrameKind)reader.Byte();
            if (kind != FrameKind.Message)
            {
                throw new MalformedFrameException($"a frame of kind {kind} is {length} bytes long");
            }

            var manifest = Encoding.UTF8.GetString(reader.Short());
            var version = reader.UInt16();
            reader.UInt16();
            var target = reader.Long();
            DropUnreadable(manifest, version, reader.Long(), target, $"it is {length} bytes long, {_options.MaxFrameBytes} are allowed");
        }
        catch (MalformedFrameException e)
        {
            connection.Close(e.Message);
        }
    }

    private void ReceivedSystem(ILinkConnection connection, ref FrameReader reader)
    {
        var number = reader.UInt64();
        var kind = (SystemKind)reader.Byte();
        var flags = reader.Byte();
        if (!ActorPath.TryParse(Encoding.UTF8.GetString(reader.Long()), out var first) || !ActorPath.TryParse(Encoding.UTF8.GetString(reader.Long()), out var second))
        {
            throw new MalformedFrameException($"system message {number} does not name two paths");
        }

        lock (_gate)
        {
            if (!ReferenceEquals(connection, _up))
            {
                return;
            }

            if (number > _lastDelivered + 1)
            {
                throw new MalformedFrameException($"system message {number} came after {_lastDelivered}");
            }

            connection.TrySend(FrameBuffer.Begin(FrameKind.Ack).UInt64(Math.Max(number, _lastDelivered)).Finish());
            if (number <= _lastDelivered)
            {
                return; // Sent again after a reconnect, but it had arrived.
            }

            _lastDelivered = number;
        }

        Deliver(kind, flags, first, second);
    }

    /// <summary>
    /// The ref for a path in a frame. Paths with a uid mean the same actor for ever and are kept, so that a message costs no parsing;
    /// those without are looked up at each arrival, and those of questions (temp) are used once.
    /// </summary>
    private IActorRef? RefOf(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length > 1024)
        {
            return null;
        }

        Span<char> text = stackalloc char[1024];
        text = text[..Encoding.Latin1.GetChars(utf8, text)];
        if (_refs.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(text, out var known))
        {
            return known;
        }

        if (!ActorPath.TryParse(text.ToString(), out var path))
        {
            return null;
        }

        var resolved = _system.Provider.ResolveActorRef(path);
        if (path.Uid != ActorPath.UndefinedUid && path.Parent?.Name != "temp")
        {
            if (_refs.Count >= CachedPaths)
            {
                _refs.Clear();
            }

            _refs[text.ToString()] = resolved;
        }

        return resolved;
    }
}
