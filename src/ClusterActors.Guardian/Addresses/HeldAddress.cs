using ClusterActors.Linux.Net;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Guardian.Addresses;

/// <summary>One group address that is up here.</summary>
internal sealed class HeldAddress(AddAddress request, LinkInfo link)
{
    /// <summary>When announcements are repeated after the first, seconds: neighbours that missed one learn from a later one.</summary>
    private static readonly double[] Schedule = [0, 0.1, 0.5, 2, 5, 30];

    private long _upAt;
    private int _next = Schedule.Length;

    public AddAddress Request { get; } = request;

    public LinkInfo Link { get; } = link;

    /// <summary>Boot time of the next announcement; <see cref="long.MaxValue"/> when all are out.</summary>
    public long NextAnnouncement => _next < Schedule.Length ? _upAt + (long)(Schedule[_next] * 1e9) : long.MaxValue;

    /// <summary>Boot time at which the kernel's lifetime of the address is to be renewed.</summary>
    public long NextLifetime { get; set; }

    /// <summary>Earliest time of the next answer to a rival, so that two that both insist do not flood the network.</summary>
    public long NextDefence { get; set; }

    public AddressEntry Entry => new(Request.Ticket, Request.Term, Request.Group, Request.Resource, Request.Address, Link.Name);

    public void BeginAnnouncing(long now)
    {
        _upAt = now;
        _next = Request.Announce && Link.IsEthernet ? 0 : Schedule.Length;
    }

    public void Announced() => _next++;
}
