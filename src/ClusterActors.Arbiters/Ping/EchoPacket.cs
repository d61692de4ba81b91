using System.Buffers.Binary;
using System.Net.Sockets;

namespace ClusterActors.Arbiters.Ping;

/// <summary>ICMP echo messages (RFC 792, RFC 4443): eight bytes of header and a random token by which an answer is known.</summary>
internal static class EchoPacket
{
    public const int TokenBytes = 16;
    public const int Bytes = HeaderBytes + TokenBytes;
    private const int HeaderBytes = 8;
    private const byte RequestV4 = 8;
    private const byte AnswerV4 = 0;
    private const byte RequestV6 = 128;
    private const byte AnswerV6 = 129;

    public static void WriteRequest(Span<byte> packet, AddressFamily family, ushort identifier, ushort sequence, ReadOnlySpan<byte> token)
    {
        packet[..Bytes].Clear();
        packet[0] = family == AddressFamily.InterNetwork ? RequestV4 : RequestV6;
        BinaryPrimitives.WriteUInt16BigEndian(packet[4..], identifier);
        BinaryPrimitives.WriteUInt16BigEndian(packet[6..], sequence);
        token.CopyTo(packet[HeaderBytes..]);
        // For IPv6 the kernel fills in the sum, since it covers the addresses too.
        if (family == AddressFamily.InterNetwork)
            BinaryPrimitives.WriteUInt16BigEndian(packet[2..], Checksum(packet[..Bytes]));
    }

    /// <summary>The identifier is not looked at: on datagram sockets the kernel sets its own.</summary>
    public static bool IsAnswer(ReadOnlySpan<byte> packet, AddressFamily family, bool hasIPHeader, ushort sequence, ReadOnlySpan<byte> token)
    {
        if (hasIPHeader && family == AddressFamily.InterNetwork)
        {
            if (packet.Length < 20 || (packet[0] & 15) * 4 > packet.Length)
                return false;
            packet = packet[((packet[0] & 15) * 4)..];
        }

        return packet.Length >= Bytes
            && packet[0] == (family == AddressFamily.InterNetwork ? AnswerV4 : AnswerV6)
            && BinaryPrimitives.ReadUInt16BigEndian(packet[6..]) == sequence
            && packet.Slice(HeaderBytes, TokenBytes).SequenceEqual(token);
    }

    /// <summary>RFC 1071, over an even number of bytes.</summary>
    private static ushort Checksum(ReadOnlySpan<byte> bytes)
    {
        var sum = 0u;
        for (var i = 0; i < bytes.Length; i += 2)
            sum += BinaryPrimitives.ReadUInt16BigEndian(bytes[i..]);
        while (sum >> 16 != 0)
            sum = (sum & 0xFFFF) + (sum >> 16);
        return (ushort)~sum;
    }
}
