using System.Buffers.Binary;

namespace ClusterActors.Model.Guardian;

/// <summary>
/// Frames of the guardian's socket. One seqpacket message is one frame: u16 magic <c>CG</c>, u8 version, u8 type, u32 length of the
/// body, u64 request id (0 in notes), body. All numbers are little-endian. A body longer than this release knows is accepted and
/// its tail ignored, so a newer side may append fields; anything else that does not fit is refused as a whole.
/// </summary>
public static class GuardianCodec
{
    /// <summary>Largest frame in bytes, header included.</summary>
    public const int MaxFrameSize = 64 * 1024;

    /// <summary>Bytes before the body.</summary>
    public const int HeaderSize = 16;

    /// <summary>Protocol version of this release.</summary>
    public const byte Version = 1;

    private const ushort Magic = 0x4743;

    [ThreadStatic]
    private static byte[]? s_room;

    /// <summary>Encodes into <paramref name="buffer"/> and returns the size; throws <see cref="GuardianFormatException"/> when it does not fit.</summary>
    public static int Encode(GuardianFrame frame, ulong requestId, Span<byte> buffer)
    {
        Span<byte> room = buffer[..Math.Min(buffer.Length, MaxFrameSize)];
        var w = new FrameWriter(room[HeaderSize..]);
        frame.Write(ref w);
        BinaryPrimitives.WriteUInt16LittleEndian(room, Magic);
        room[2] = Version;
        room[3] = (byte)frame.Type;
        BinaryPrimitives.WriteInt32LittleEndian(room[4..], w.Position);
        BinaryPrimitives.WriteUInt64LittleEndian(room[8..], requestId);
        return HeaderSize + w.Position;
    }

    /// <summary>Encodes into an array of its own.</summary>
    public static byte[] Encode(GuardianFrame frame, ulong requestId)
    {
        // A frame is small, the room for the largest is not: a new one for each would be most of what a guardian allocates.
        byte[] room = s_room ??= new byte[MaxFrameSize];
        return room[..Encode(frame, requestId, room)];
    }

    /// <summary>Decodes one message; throws <see cref="GuardianFormatException"/> saying what was found.</summary>
    public static GuardianFrame Decode(ReadOnlySpan<byte> message, out ulong requestId)
    {
        if (message.Length < HeaderSize || BinaryPrimitives.ReadUInt16LittleEndian(message) != Magic)
            throw new GuardianFormatException($"guardian socket: message of {message.Length} bytes without the frame mark: not a guardian frame");
        if (message[2] != Version)
            throw new GuardianFormatException($"guardian socket: frame version {message[2]}; {Version} is known: install matching releases");
        int size = BinaryPrimitives.ReadInt32LittleEndian(message[4..]);
        if (size != message.Length - HeaderSize)
            throw new GuardianFormatException($"guardian socket: body of {size} bytes announced, {message.Length - HeaderSize} received: truncated");
        requestId = BinaryPrimitives.ReadUInt64LittleEndian(message[8..]);
        var r = new FrameReader(message[HeaderSize..]);
        return ReadBody((FrameType)message[3], ref r);
    }

    private static GuardianFrame ReadBody(FrameType type, ref FrameReader r) => type switch
    {
        FrameType.Hello => Hello.Read(ref r),
        FrameType.ApplySettings => ApplySettings.Read(ref r),
        FrameType.RaiseTerm => RaiseTerm.Read(ref r),
        FrameType.AddAddress => AddAddress.Read(ref r),
        FrameType.RemoveAddress => RemoveAddress.Read(ref r),
        FrameType.StartProgram => StartProgram.Read(ref r),
        FrameType.SignalProgram => SignalProgram.Read(ref r),
        FrameType.KillContainment => KillContainment.Read(ref r),
        FrameType.SetStopPlan => SetStopPlan.Read(ref r),
        FrameType.GetTable => new GetTable(),
        FrameType.MakeSafe => MakeSafe.Read(ref r),
        FrameType.Leave => Leave.Read(ref r),
        FrameType.ArbiterVow => ArbiterVow.Read(ref r),
        FrameType.GetStatistics => new GetStatistics(),
        FrameType.GetIncidents => GetIncidents.Read(ref r),
        FrameType.Welcome => Welcome.Read(ref r),
        FrameType.Reply => Reply.Read(ref r),
        FrameType.PeerChanged => PeerChanged.Read(ref r),
        FrameType.ChannelChanged => ChannelChanged.Read(ref r),
        FrameType.TermChanged => TermChanged.Read(ref r),
        FrameType.GrantChanged => GrantChanged.Read(ref r),
        FrameType.ProgramExited => ProgramExited.Read(ref r),
        FrameType.AddressConflict => AddressConflict.Read(ref r),
        FrameType.Superseded => Superseded.Read(ref r),
        FrameType.StopRequested => StopRequested.Read(ref r),
        FrameType.VotingChanged => VotingChanged.Read(ref r),
        FrameType.StallReport => StallReport.Read(ref r),
        FrameType.ChannelLate => ChannelLate.Read(ref r),
        FrameType.ChannelDevice => ChannelDevice.Read(ref r),
        FrameType.BeatsLate => BeatsLate.Read(ref r),
        FrameType.FenceArmed => FenceArmed.Read(ref r),
        FrameType.FenceMissing => FenceMissing.Read(ref r),
        FrameType.AddressLost => AddressLost.Read(ref r),
        _ => throw new GuardianFormatException($"guardian socket: frame type {(byte)type} is not known to this release"),
    };
}
