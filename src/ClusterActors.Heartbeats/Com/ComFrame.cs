using System.Buffers.Binary;

namespace ClusterActors.Heartbeats.Com;

/// <summary>
/// A beat on a serial line: 4 B sync, u16 length, u16 its complement, the beat, u32 CRC-32C of the beat. The beat's own authentication
/// decides whether it is believed; sync, length and checksum only find where it begins.
/// </summary>
public static class ComFrame
{
    /// <summary>Bytes around the beat.</summary>
    public const int Overhead = 12;

    /// <summary>Largest beat that a frame carries.</summary>
    public const int MaxBeat = 512;

    internal const int HeadSize = 8;
    internal const uint Sync = 0x1E57CA81;

    /// <summary>Writes a frame; returns its size.</summary>
    public static int Write(ReadOnlySpan<byte> beat, Span<byte> to)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(beat.Length, MaxBeat);
        BinaryPrimitives.WriteUInt32LittleEndian(to, Sync);
        BinaryPrimitives.WriteUInt16LittleEndian(to[4..], (ushort)beat.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(to[6..], (ushort)~beat.Length);
        beat.CopyTo(to[HeadSize..]);
        BinaryPrimitives.WriteUInt32LittleEndian(to[(HeadSize + beat.Length)..], PageChecksum.Of(beat));
        return beat.Length + Overhead;
    }
}
