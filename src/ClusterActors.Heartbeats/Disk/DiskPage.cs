using System.Buffers.Binary;
using System.Numerics;

namespace ClusterActors.Heartbeats.Disk;

/// <summary>
/// A page of a slot, little-endian: u32 mark 'CLDS', u16 version, u8 writer, u8 page, u32 CRC-32C over the page with this field zero, 52 B
/// zero, then 16 entries of 252 B: u16 length of the beat (0 = none), the beat. What an entry says is believed only by the beat's own
/// authentication; the checksum tells a torn or damaged page from a foreign one.
/// </summary>
public static class DiskPage
{
    /// <summary>Largest beat that fits an entry.</summary>
    public const int MaxBeat = EntrySize - sizeof(ushort);

    private const uint Mark = 0x53444C43;
    private const ushort Version = 1;
    private const int SumAt = 8;
    private const int EntriesAt = 64;
    private const int EntrySize = (DiskLayout.PageSize - EntriesAt) / DiskLayout.ReceiversPerPage;

    /// <summary>Empties a page and names its writer.</summary>
    public static void Begin(Span<byte> page, int writer, int number)
    {
        page[..DiskLayout.PageSize].Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(page, Mark);
        BinaryPrimitives.WriteUInt16LittleEndian(page[4..], Version);
        page[6] = (byte)writer;
        page[7] = (byte)number;
    }

    /// <summary>Puts a receiver's beat into the page that <see cref="DiskLayout.PageOf"/> names.</summary>
    public static void Put(Span<byte> page, int receiver, ReadOnlySpan<byte> beat)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(beat.Length, MaxBeat);
        Span<byte> entry = page.Slice(EntryAt(receiver), EntrySize);
        BinaryPrimitives.WriteUInt16LittleEndian(entry, (ushort)beat.Length);
        beat.CopyTo(entry[sizeof(ushort)..]);
    }

    /// <summary>Completes a page before it is written.</summary>
    public static void Seal(Span<byte> page) => BinaryPrimitives.WriteUInt32LittleEndian(page[SumAt..], Sum(page));

    /// <summary>The beat for a receiver; empty when the page was never written, is damaged, another's, or has none.</summary>
    public static ReadOnlySpan<byte> Take(ReadOnlySpan<byte> page, int writer, int receiver)
    {
        page = page[..DiskLayout.PageSize];
        if (BinaryPrimitives.ReadUInt32LittleEndian(page) != Mark || BinaryPrimitives.ReadUInt16LittleEndian(page[4..]) != Version
            || page[6] != writer || page[7] != DiskLayout.PageOf(receiver) || BinaryPrimitives.ReadUInt32LittleEndian(page[SumAt..]) != Sum(page))
        {
            return default;
        }

        ReadOnlySpan<byte> entry = page.Slice(EntryAt(receiver), EntrySize);
        int length = BinaryPrimitives.ReadUInt16LittleEndian(entry);
        return length <= MaxBeat ? entry.Slice(sizeof(ushort), length) : default;
    }

    private static int EntryAt(int receiver) => EntriesAt + (receiver % DiskLayout.ReceiversPerPage * EntrySize);

    private static uint Sum(ReadOnlySpan<byte> page) =>
        PageChecksum.Of(page[..SumAt]) ^ BitOperations.RotateLeft(PageChecksum.Of(page[(SumAt + sizeof(uint))..DiskLayout.PageSize]), 1);
}
