namespace ClusterActors.Model;

/// <summary>What an administrator wants of a server as a whole.</summary>
public enum ServerMode
{
    /// <summary>Takes groups and is looked after.</summary>
    Normal = 0,

    /// <summary>Takes no groups; those it has move away in order. Ended by resume.</summary>
    Standby = 1,

    /// <summary>Keeps its groups; nothing automatic happens to them because of failures there, and none comes by itself. Ended by resume.</summary>
    Maintenance = 2,
}

/// <param name="Mode">Never <see cref="ServerMode.Normal"/> in a list of wishes: a resumed server is left out.</param>
/// <param name="Reason">The administrator's words; may be empty.</param>
public sealed record ServerWish(ServerName Server, ServerMode Mode, string Reason)
{
    /// <summary>The event that recorded the command; null when none is known. For people only.</summary>
    public string? CauseId { get; init; }
}

/// <summary>
/// What administrators want of the cluster beside its groups. Written by the coordinator, stored by every server, carried in the reports;
/// where servers meet, the copy with the higher stamp wins as a whole.
/// </summary>
/// <param name="Term">Stamp: the term in which it was written.</param>
/// <param name="Generation">Stamp: grows with each change.</param>
/// <param name="Suspended">Nothing automatic happens.</param>
/// <param name="Ratio">Factor of the timeouts, 1 to 10,000, until <paramref name="RatioUntil"/>.</param>
/// <param name="RatioUntil">End of the stretch by the wall clock, so that it survives restarts; null with ratio 1.</param>
/// <param name="Servers">Servers that are not in normal mode.</param>
public sealed record ClusterWishes(
    Term Term, long Generation, bool Suspended, int Ratio, DateTimeOffset? RatioUntil, IReadOnlyList<ServerWish> Servers)
{
    /// <summary>Largest ratio.</summary>
    public const int MaxRatio = 10_000;

    /// <summary>Longest stretch.</summary>
    public static readonly TimeSpan MaxStretch = TimeSpan.FromDays(30);

    /// <summary>The event that recorded the command for <see cref="Suspended"/>; null when none is known. For people only.</summary>
    public string? SuspendedCauseId { get; init; }

    /// <summary>The event that recorded the command for <see cref="Ratio"/>; null when none is known. For people only.</summary>
    public string? RatioCauseId { get; init; }

    /// <summary>Nothing was ever wanted.</summary>
    public static ClusterWishes None { get; } = new(Term.Zero, 0, false, 1, null, []);

    /// <summary>Written later than the other.</summary>
    public bool IsNewerThan(ClusterWishes other)
    {
        ArgumentNullException.ThrowIfNull(other);
        var byTerm = Term.CompareTo(other.Term);
        return byTerm != 0 ? byTerm > 0 : Generation > other.Generation;
    }

    /// <summary>The ratio in force at this instant. A clock that was set back cannot make a stretch longer than the longest allowed.</summary>
    public int RatioAt(DateTimeOffset now) => RatioUntil is { } until && now < until && until - now <= MaxStretch ? Ratio : 1;

    public ServerWish? Of(ServerName server) => Servers.FirstOrDefault(s => s.Server == server);

    /// <summary>The next copy, to be changed and stored.</summary>
    public ClusterWishes Next(Term term) => this with { Term = term.CompareTo(Term) > 0 ? term : Term, Generation = Generation + 1 };

    public ClusterWishes With(ServerWish wish)
    {
        ArgumentNullException.ThrowIfNull(wish);
        var others = Servers.Where(s => s.Server != wish.Server);
        return this with { Servers = wish.Mode == ServerMode.Normal ? [.. others] : [.. others, wish] };
    }
}
