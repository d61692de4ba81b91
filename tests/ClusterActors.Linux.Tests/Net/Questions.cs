using System.Buffers.Binary;
using System.Net;
using ClusterActors.Linux.Net.Announce;

namespace ClusterActors.Linux.Tests.Net;

/// <summary>What a neighbour on the wire can ask a server about an address, and whether an answer came.</summary>
internal sealed class Questions(PairNetwork network, int boundMs = 40)
{
    /// <summary>For answers that must come: a busy machine may take its time. The short bound is for silence.</summary>
    public Questions Patient => new(network, 1500);

    private readonly byte[] _frame = new byte[2048];

    public bool AnswersArp(IPAddress address)
    {
        var client = network.ClientLink.Mac;
        var ask = new ArpFrame(true, client, PairNetwork.Client4, EthernetFrame.NoMac, address).ToBytes(EthernetFrame.Broadcast);
        return Ask(ask, frame => ArpFrame.TryParse(frame, out var arp) && !arp.IsRequest && arp.SenderAddress.Equals(address));
    }

    public bool AnswersNeighbourSolicitation(IPAddress address)
    {
        var ask = new NeighbourFrame(false, PairNetwork.Client6, NeighbourFrame.SolicitedNode(address), address, network.ClientLink.Mac).ToBytes(network.ClientLink.Mac);
        return Ask(ask, frame => NeighbourFrame.TryParse(frame, out var answer) && answer.IsAdvertisement && answer.Target.Equals(address));
    }

    public bool AnswersPing(IPAddress address) => Ask(Echo(address), frame => IsEchoReply(frame, address));

    public bool Answers(IPAddress address) =>
        AnswersPing(address) | (address.GetAddressBytes().Length == 4 ? AnswersArp(address) : AnswersNeighbourSolicitation(address));

    /// <summary>
    /// Frames with this address as sender (IP source, ARP sender, NA target) that came out of the server since the last call. A marker frame is sent behind
    /// them and waited for, so that none still in flight is missed.
    /// </summary>
    public int FramesFrom(IPAddress address)
    {
        var count = 0;
        Arrived(network, frame =>
        {
            if (IsFrom(frame, address)) count++;
        });
        return count;
    }

    /// <summary>True as soon as such a frame is seen, within a bound.</summary>
    public bool SeesFrameFrom(IPAddress address)
    {
        var seen = false;
        ArrivedUntil(network, () => seen, frame => seen |= IsFrom(frame, address));
        return seen;
    }

    /// <summary>Visits what the server sends until enough has come, at most 3 s: frames of two processors may overtake one another, the marker too.</summary>
    public static void ArrivedUntil(PairNetwork network, Func<bool> enough, Action<byte[]> visit)
    {
        var end = PairNetwork.In(3000);
        do Arrived(network, visit);
        while (!enough() && PairNetwork.Now() < end);
    }

    /// <summary>Visits what the server sent up to now.</summary>
    public static void Arrived(PairNetwork network, Action<byte[]> visit)
    {
        const ushort experimental = 0x88B5;
        var marker = EthernetFrame.Start(60, EthernetFrame.Broadcast, network.ServerLink.Mac, experimental);
        Random.Shared.NextBytes(marker.AsSpan(14));
        var buffer = new byte[2048];
        int length;
        // Room for the marker first: questions sent in numbers may have filled the buffer.
        while ((length = network.ClientPackets.TryReceive(buffer, out var leaving)) > 0)
        {
            if (!leaving) visit(buffer[..length]);
        }
        Assert.Equal(0, network.ServerPackets.TrySend(marker));
        var end = PairNetwork.In(5000);
        while (PairNetwork.Now() < end)
        {
            while ((length = network.ClientPackets.TryReceive(buffer, out var leaving)) > 0)
            {
                if (leaving) continue;
                if (buffer.AsSpan(0, length).SequenceEqual(marker)) return;
                visit(buffer[..length]);
            }
            network.ClientPackets.Wait(50);
        }
        Assert.Fail("the marker frame did not arrive within 5 s");
    }

    /// <summary>An ICMP or ICMPv6 echo request from the client to the server's link address.</summary>
    public byte[] Echo(IPAddress address, ushort sequence = 0)
    {
        var target = address.GetAddressBytes();
        var version6 = target.Length == 16;
        var source = (version6 ? PairNetwork.Client6 : PairNetwork.Client4).GetAddressBytes();
        var frame = EthernetFrame.Start(version6 ? 62 : 42, network.ServerLink.Mac, network.ClientLink.Mac, version6 ? PacketSocket.IPv6 : PacketSocket.IPv4);
        var packet = frame.AsSpan(14);
        if (version6)
        {
            packet[0] = 0x60;
            packet[5] = 8;
            packet[6] = 58;
            packet[7] = 64;
            source.CopyTo(packet[8..]);
            target.CopyTo(packet[24..]);
            packet[40] = 128;
            BinaryPrimitives.WriteUInt16BigEndian(packet[46..], sequence);
            BinaryPrimitives.WriteUInt16BigEndian(packet[42..], Checksum(packet[8..], 8 + 58));
        }
        else
        {
            packet[0] = 0x45;
            packet[3] = 28;
            packet[8] = 64;
            packet[9] = 1;
            source.CopyTo(packet[12..]);
            target.CopyTo(packet[16..]);
            BinaryPrimitives.WriteUInt16BigEndian(packet[10..], Checksum(packet[..20], 0));
            packet[20] = 8;
            BinaryPrimitives.WriteUInt16BigEndian(packet[26..], sequence);
            BinaryPrimitives.WriteUInt16BigEndian(packet[22..], Checksum(packet[20..], 0));
        }
        return frame;
    }

    public static bool IsEchoReply(ReadOnlySpan<byte> frame, IPAddress address) => EthernetFrame.EtherType(frame) switch
    {
        PacketSocket.IPv4 => frame.Length >= 42 && frame[34] == 0 && frame[23] == 1 && new IPAddress(frame.Slice(26, 4)).Equals(address),
        PacketSocket.IPv6 => frame.Length >= 62 && frame[54] == 129 && frame[20] == 58 && new IPAddress(frame.Slice(22, 16)).Equals(address),
        _ => false,
    };

    /// <summary>The sequence number of an echo reply.</summary>
    public static ushort SequenceOf(ReadOnlySpan<byte> reply) => BinaryPrimitives.ReadUInt16BigEndian(reply[(EthernetFrame.EtherType(reply) == PacketSocket.IPv4 ? 40 : 60)..]);

    private static bool IsFrom(ReadOnlySpan<byte> frame, IPAddress address)
    {
        if (ArpFrame.TryParse(frame, out var arp)) return arp.SenderAddress.Equals(address);
        if (NeighbourFrame.TryParse(frame, out var neighbour) && neighbour.IsAdvertisement && neighbour.Target.Equals(address)) return true;
        return EthernetFrame.EtherType(frame) switch
        {
            PacketSocket.IPv4 => new IPAddress(frame.Slice(26, 4)).Equals(address),
            PacketSocket.IPv6 => new IPAddress(frame.Slice(22, 16)).Equals(address),
            _ => false,
        };
    }

    private bool Ask(byte[] question, Func<byte[], bool> isAnswer)
    {
        while (network.ClientPackets.TryReceive(_frame) > 0) { }
        Assert.Equal(0, network.ClientPackets.TrySend(question));
        var end = PairNetwork.In(boundMs);
        while (PairNetwork.Now() < end && network.ClientPackets.Wait(boundMs))
        {
            int length;
            while ((length = network.ClientPackets.TryReceive(_frame, out var leaving)) > 0)
            {
                if (!leaving && isAnswer(_frame[..length])) return true;
            }
        }
        return false;
    }

    private static ushort Checksum(ReadOnlySpan<byte> data, uint start)
    {
        var sum = start;
        for (var i = 0; i < data.Length; i += 2) sum += BinaryPrimitives.ReadUInt16BigEndian(data[i..]);
        while (sum > 0xFFFF) sum = (sum & 0xFFFF) + (sum >> 16);
        return (ushort)~sum;
    }
}
