using System.Buffers.Binary;

namespace ClusterActors.Heartbeats.Disk;

/// <summary>What a heartbeat partition says about itself in its first page.</summary>
/// <param name="ClusterId">Cluster it belongs to.</param>
/// <param name="Slots">Number of slots.</param>
/// <param name="CreatedSeconds">When it was initialised, Unix seconds.</param>
/// <remarks>
/// Little-endian: 8 B mark <c>CLPHBDSK</c>, u16 version, u16 slots, u32 slot size, 16 B cluster id, i64 created, then at the end of the
/// page the CRC-32C of all before it.
/// </remarks>
public sealed record DiskHeader(Guid ClusterId, int Slots, long CreatedSeconds)
{
    private const ushort Version = 1;
    private const int SumAt = DiskLayout.PageSize - sizeof(uint);

    private static ReadOnlySpan<byte> Mark => "CLPHBDSK"u8;

    /// <summary>True when the page begins as one of our partitions, intact or not.</summary>
    public static bool IsMarked(ReadOnlySpan<byte> page) => page.StartsWith(Mark);

    /// <summary>Reads the page; null with a reason when it is no header this release can use.</summary>
    public static DiskHeader? Read(ReadOnlySpan<byte> page, out string problem)
    {
        problem = "";
        if (!IsMarked(page))
            problem = "there is no heartbeat partition on it; make one with 'clp heartbeat init'";
        else if (BinaryPrimitives.ReadUInt16LittleEndian(page[8..]) is var version && version != Version)
            problem = $"its heartbeat partition is of version {version}; {Version} is known: install the matching release on all servers";
        else if (BinaryPrimitives.ReadUInt32LittleEndian(page[SumAt..]) != PageChecksum.Of(page[..SumAt]))
            problem = "the header of its heartbeat partition is damaged; make it anew with 'clp heartbeat init --force'";
        else if (BinaryPrimitives.ReadUInt16LittleEndian(page[10..]) != DiskLayout.Slots || BinaryPrimitives.ReadUInt32LittleEndian(page[12..]) != DiskLayout.SlotSize)
            problem = $"its heartbeat partition has other slots than {DiskLayout.Slots} of {DiskLayout.SlotSize} bytes; make it anew with 'clp heartbeat init --force'";
        return problem.Length > 0
            ? null
            : new DiskHeader(new Guid(page.Slice(16, 16)), DiskLayout.Slots, BinaryPrimitives.ReadInt64LittleEndian(page[32..]));
    }

    /// <summary>Writes the page.</summary>
    public void Write(Span<byte> page)
    {
        page = page[..DiskLayout.PageSize];
        page.Clear();
        Mark.CopyTo(page);
        BinaryPrimitives.WriteUInt16LittleEndian(page[8..], Version);
        BinaryPrimitives.WriteUInt16LittleEndian(page[10..], (ushort)Slots);
        BinaryPrimitives.WriteUInt32LittleEndian(page[12..], DiskLayout.SlotSize);
        ClusterId.TryWriteBytes(page.Slice(16, 16));
        BinaryPrimitives.WriteInt64LittleEndian(page[32..], CreatedSeconds);
        BinaryPrimitives.WriteUInt32LittleEndian(page[SumAt..], PageChecksum.Of(page[..SumAt]));
    }
}
