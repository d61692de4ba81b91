using ClusterActors.Model.Guardian;

namespace ClusterActors.Heartbeats.Disk;

/// <summary>
/// Where what is on a heartbeat partition:
/// <code>
/// 0          header, one page of 4 KiB
/// 4 KiB + s * 8 KiB    slot of server s: two pages of 4 KiB, for receivers 0..15 and 16..31
/// </code>
/// A page is written by one server only, whole, in one write. It carries one beat for each of 16 receivers, the same datagrams as on a
/// network: a beat answers its receiver, so it cannot be one for all.
/// </summary>
public static class DiskLayout
{
    /// <summary>Bytes of a page, the unit of every read and write.</summary>
    public const int PageSize = 4096;

    /// <summary>Pages of a slot.</summary>
    public const int PagesPerSlot = 2;

    /// <summary>Receivers of a page.</summary>
    public const int ReceiversPerPage = GuardianSettings.MaxServers / PagesPerSlot;

    /// <summary>Bytes of a slot.</summary>
    public const int SlotSize = PagesPerSlot * PageSize;

    /// <summary>Slots of a partition, one for each server that a cluster can have.</summary>
    public const int Slots = GuardianSettings.MaxServers;

    /// <summary>Bytes that a partition needs at least.</summary>
    public const long PartitionSize = PageSize + (Slots * (long)SlotSize);

    /// <summary>Where the slot of a server begins.</summary>
    public static long SlotAt(int server) => PageSize + (server * (long)SlotSize);

    /// <summary>Page, 0 or 1, that holds a receiver's beat.</summary>
    public static int PageOf(int receiver) => receiver / ReceiversPerPage;
}
