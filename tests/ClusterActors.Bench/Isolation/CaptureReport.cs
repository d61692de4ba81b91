using System.Text.Json.Serialization;
using ClusterActors.Bench.Probing;

namespace ClusterActors.Bench.Isolation;

/// <summary>Who used the address when: a new span each time that the sender's MAC changes.</summary>
internal sealed record CaptureReport(List<CaptureSpan> Spans)
{
    private const int EthernetHeader = 14;

    /// <summary>Adds a frame when its sender used the address.</summary>
    public void Note(ReadOnlySpan<byte> frame, ReadOnlySpan<byte> address, long at)
    {
        if (Use(frame, address) is not { } isArp)
            return;
        var sender = frame.Slice(6, 6);
        if (Spans.Count == 0 || !Spans[^1].IsOf(sender))
            Spans.Add(new CaptureSpan(PacketSocket.MacText(sender), sender.ToArray()) { FirstAt = at });
        var span = Spans[^1];
        span.LastAt = at;
        if (isArp)
            span.Arp++;
        else
            span.Ip++;
    }

    /// <summary>
    /// Whether a frame claims the address (true), carries it as its source (false) or neither (null). Bytes are those of RFC 826 (ARP),
    /// RFC 791 (IPv4), RFC 8200 (IPv6) and RFC 4861 (neighbour advertisement).
    /// </summary>
    private static bool? Use(ReadOnlySpan<byte> frame, ReadOnlySpan<byte> address)
    {
        const byte icmp6 = 58;
        const byte neighbourAdvertisement = 136;
        if (frame.Length < EthernetHeader + 20)
            return null;
        var type = (frame[12] << 8) | frame[13];
        var packet = frame[EthernetHeader..];
        switch (type)
        {
            case PacketSocket.Arp when address.Length == 4:
                return packet.Slice(14, 4).SequenceEqual(address) ? true : null;
            case PacketSocket.Ip4 when address.Length == 4:
                return packet.Slice(12, 4).SequenceEqual(address) ? false : null;
            case PacketSocket.Ip6 when address.Length == 16 && packet.Length >= 40:
                if (packet[6] == icmp6 && packet.Length >= 64 && packet[40] == neighbourAdvertisement && packet.Slice(48, 16).SequenceEqual(address))
                    return true;
                return packet.Slice(8, 16).SequenceEqual(address) ? false : null;
            default:
                return null;
        }
    }
}

/// <summary>A stretch in which one sender alone used the address. Instants are CLOCK_MONOTONIC nanoseconds.</summary>
internal sealed class CaptureSpan(string mac, byte[] bytes)
{
    [JsonConstructor]
    public CaptureSpan(string mac)
        : this(mac, [])
    {
    }

    public string Mac { get; } = mac;

    public long FirstAt { get; set; }

    public long LastAt { get; set; }

    /// <summary>ARP or neighbour answers and announcements.</summary>
    public int Arp { get; set; }

    /// <summary>IP packets: answers to pings and of the program.</summary>
    public int Ip { get; set; }

    public bool IsOf(ReadOnlySpan<byte> sender) => sender.SequenceEqual(bytes);

    public override string ToString() => $"{Mac} from {FirstAt} to {LastAt} ({Arp} ARP, {Ip} IP)";
}
