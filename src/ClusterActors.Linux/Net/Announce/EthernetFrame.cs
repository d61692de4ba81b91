using System.Net.NetworkInformation;

namespace ClusterActors.Linux.Net.Announce;

/// <summary>The 14 bytes before every frame.</summary>
public static class EthernetFrame
{
    public const int HeaderLength = 14;

    public static readonly PhysicalAddress Broadcast = new([255, 255, 255, 255, 255, 255]);

    public static readonly PhysicalAddress NoMac = new([0, 0, 0, 0, 0, 0]);

    public static ushort EtherType(ReadOnlySpan<byte> frame) => frame.Length < HeaderLength ? (ushort)0 : (ushort)((frame[12] << 8) | frame[13]);

    public static PhysicalAddress Source(ReadOnlySpan<byte> frame) => Mac(frame[6..]);

    internal static PhysicalAddress Mac(ReadOnlySpan<byte> bytes) => new(bytes[..6].ToArray());

    /// <summary>A zeroed frame of the given length with its header filled in.</summary>
    public static byte[] Start(int length, PhysicalAddress destination, PhysicalAddress source, ushort etherType)
    {
        var frame = new byte[length];
        destination.GetAddressBytes().CopyTo(frame, 0);
        source.GetAddressBytes().CopyTo(frame, 6);
        frame[12] = (byte)(etherType >> 8);
        frame[13] = (byte)etherType;
        return frame;
    }
}
