using System.Buffers.Binary;
using System.Numerics;

namespace ClusterActors.Heartbeats;

/// <summary>CRC-32C over bytes; tells damage, not forgery.</summary>
public static class PageChecksum
{
    public static uint Of(ReadOnlySpan<byte> bytes)
    {
        uint sum = uint.MaxValue;
        for (; bytes.Length >= sizeof(ulong); bytes = bytes[sizeof(ulong)..])
            sum = BitOperations.Crc32C(sum, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        foreach (byte value in bytes)
            sum = BitOperations.Crc32C(sum, value);
        return ~sum;
    }
}
