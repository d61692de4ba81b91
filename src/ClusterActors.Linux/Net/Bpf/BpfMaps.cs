using System.Net;
using System.Net.Sockets;

namespace ClusterActors.Linux.Net.Bpf;

/// <summary>The three maps of one installation: the common deadline (mapped into memory) and the fenced addresses with their own limits.</summary>
internal sealed unsafe class BpfMaps : IDisposable
{
    public const int AddressLimit = 1024;
    public const long Closed = 0;
    public const long Governed = long.MaxValue;

    private readonly int _map4;
    private readonly int _map6;

    private BpfMaps(int deadline, int map4, int map6)
    {
        DeadlineFd = deadline;
        _map4 = map4;
        _map6 = map6;
    }

    public int DeadlineFd { get; }

    public int Map4Fd => _map4;

    public int Map6Fd => _map6;

    public static BpfMaps Create()
    {
        var deadline = BpfSystem.CreateMap(BpfSystem.ArrayMap, 4, 8, 1, BpfSystem.Mappable, "clp_deadline");
        var map4 = BpfSystem.CreateMap(BpfSystem.HashMap, 4, 8, AddressLimit, 0, "clp_addresses4");
        var map6 = BpfSystem.CreateMap(BpfSystem.HashMap, 16, 8, AddressLimit, 0, "clp_addresses6");
        return new BpfMaps(deadline, map4, map6);
    }

    /// <summary>Null when the folder does not hold all three.</summary>
    public static BpfMaps? Open(string folder)
    {
        var deadline = BpfSystem.OpenPinned(Path.Combine(folder, "deadline"));
        var map4 = BpfSystem.OpenPinned(Path.Combine(folder, "addresses4"));
        var map6 = BpfSystem.OpenPinned(Path.Combine(folder, "addresses6"));
        var maps = new BpfMaps(deadline, map4, map6);
        if (deadline >= 0 && map4 >= 0 && map6 >= 0) return maps;
        maps.Dispose();
        return null;
    }

    public void Pin(string folder)
    {
        Directory.CreateDirectory(folder);
        BpfSystem.Pin(_map4, Path.Combine(folder, "addresses4"));
        BpfSystem.Pin(_map6, Path.Combine(folder, "addresses6"));
        BpfSystem.Pin(DeadlineFd, Path.Combine(folder, "deadline"));
    }

    /// <summary>
    /// The deadline in shared memory. It stays mapped until the process ends: the beat thread may be inside a renewal when the rest is disposed, and a write
    /// to an orphaned page does nothing.
    /// </summary>
    public long* MapDeadline()
    {
        var page = NetNative.MemoryMap(null, (nuint)Environment.SystemPageSize, NetNative.ProtReadWrite, NetNative.MapShared, DeadlineFd, 0);
        if ((nint)page == -1) throw new NetworkException("bpf fence", "cannot map the deadline into memory (needs kernel 5.5)", NetNative.LastErrno);
        return (long*)page;
    }

    public void Set(IPAddress address, long limit) => BpfSystem.SetElement(MapOf(address), address, limit);

    public long? Get(IPAddress address) => BpfSystem.GetElement(MapOf(address), address);

    public void Remove(IPAddress address) => BpfSystem.DeleteElement(MapOf(address), address);

    public IEnumerable<IPAddress> Addresses() => BpfSystem.Keys(_map4, 4, AddressLimit).Concat(BpfSystem.Keys(_map6, 16, AddressLimit));

    public void Dispose()
    {
        foreach (var fd in (int[])[DeadlineFd, _map4, _map6])
        {
            if (fd >= 0) _ = NetNative.Close(fd);
        }
    }

    private int MapOf(IPAddress address) => address.AddressFamily == AddressFamily.InterNetworkV6 ? _map6 : _map4;
}
