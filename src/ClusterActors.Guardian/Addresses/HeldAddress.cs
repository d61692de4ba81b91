using ClusterActors.Linux.Net;
using ClusterActors.Linux.Net.Announce;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Guardian.Addresses;

/// <summary>One group address that is up here.</summary>
internal sealed class HeldAddress(AddAddress request, LinkInfo link)
{
    private long _upAt;
    private int _next = int.MaxValue;

    public AddAddress Request { get; } = request;

    public LinkInfo Link { get; } = link;

    /// <summary>Boot time of the next announcement; <see cref="long.MaxValue"/> when all are out.</summary>
    public long NextAnnouncement => _next < AddressAnnouncer.Schedule.Count ? _upAt + (AddressAnnouncer.Schedule[_next].Ticks * 100) : long.MaxValue;

    public string Name { get; } = $"{request.Group}.{request.Resource}";

    /// <summary>Boot time of the newest renewal by the kernel.</summary>
    public long RenewedAt { get; set; }

    /// <summary>What went wrong last and was said; empty when nothing.</summary>
    public string Problem { get; set; } = "";

    /// <summary>Boot time at which the kernel's lifetime of the address is to be renewed.</summary>
    public long NextLifetime { get; set; }

    /// <summary>Earliest time of the next answer to a rival, so that two that both insist do not flood the network.</summary>
    public long NextDefence { get; set; }

    public AddressEntry Entry => new(Request.Ticket, Request.Term, Request.Group, Request.Resource, Request.Address, Link.Name);

    /// <summary>Begins the schedule, also anew after the address was closed for a while.</summary>
    public void BeginAnnouncing(long now)
    {
        _upAt = now;
        _next = Request.Announce && Link.IsEthernet ? 0 : int.MaxValue;
    }

    public void Announced() => _next++;
}
