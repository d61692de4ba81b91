using System.Text.Json.Serialization;
using ClusterActors.Bench.Probing;

namespace ClusterActors.Bench.Isolation;

/// <summary>Who used the address when: a new span each time that the sender's MAC changes.</summary>
internal sealed record CaptureReport(List<CaptureSpan> Spans)
{
    private const int EthernetHeader = 14;

    /// <summary>Adds a frame when its sender used the address. Bytes are those of RFC 826 (ARP) and RFC 791 (IPv4).</summary>
    public void Note(ReadOnlySpan<byte> frame, ReadOnlySpan<byte> address, long at)
    {
        if (frame.Length < EthernetHeader + 20)
            return;
        var isArp = frame[12] == PacketSocket.Arp >> 8 && frame[13] == (PacketSocket.Arp & 255);
        var isIp = frame[12] == PacketSocket.Ip4 >> 8 && frame[13] == (PacketSocket.Ip4 & 255);
        var uses = (isArp && frame.Slice(EthernetHeader + 14, 4).SequenceEqual(address)) || (isIp && frame.Slice(EthernetHeader + 12, 4).SequenceEqual(address));
        if (!uses)
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

    /// <summary>ARP answers and announcements.</summary>
    public int Arp { get; set; }

    /// <summary>IPv4 packets: answers to pings and of the program.</summary>
    public int Ip { get; set; }

    public bool IsOf(ReadOnlySpan<byte> sender) => sender.SequenceEqual(bytes);

    public override string ToString() => $"{Mac} from {FirstAt} to {LastAt} ({Arp} ARP, {Ip} IP)";
}
