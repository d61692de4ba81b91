using ClusterActors.Linux.Sockets;

namespace ClusterActors.Witness.Serving;

/// <summary>
/// Keeps one source of forged datagrams from eating the processor: after <see cref="MostPerWindow"/> within a window the rest of the window's datagrams
/// from there are dropped unread. Fixed memory; sources that fall on one place share its count. A source address can itself be forged, so the window
/// is short: a server whose address is misused loses answers, as it would on a flooded network.
/// </summary>
internal sealed class ForgeryLimit
{
    /// <summary>Forged datagrams from one source in one window that are still looked at.</summary>
    public const int MostPerWindow = 200;

    private const int Places = 1024;
    private const long Window = 100_000_000;
    private readonly (long Window, int Count)[] _places = new (long, int)[Places];

    /// <summary>Datagrams dropped unread.</summary>
    public long Dropped { get; private set; }

    /// <summary>Whether a datagram of the source may be read now.</summary>
    public bool Allows(in NativeEndpoint source, long now)
    {
        ref var place = ref _places[PlaceOf(in source)];
        if (place.Window != now / Window || place.Count < MostPerWindow)
            return true;
        Dropped++;
        return false;
    }

    /// <summary>A datagram of the source was forged.</summary>
    public void Count(in NativeEndpoint source, long now)
    {
        ref var place = ref _places[PlaceOf(in source)];
        var window = now / Window;
        place = place.Window == window ? (window, place.Count + 1) : (window, 1);
    }

    private static int PlaceOf(in NativeEndpoint source) => (int)((uint)source.AddressHash() >> 22);
}
