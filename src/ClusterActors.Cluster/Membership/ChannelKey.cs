namespace ClusterActors.Cluster.Membership;

/// <summary>A server that this one hears, or should, over a network.</summary>
public sealed record ChannelKey(int Network, int Heard) : IComparable<ChannelKey>
{
    public int CompareTo(ChannelKey? other)
    {
        if (other is null)
            return 1;
        return Network != other.Network ? Network.CompareTo(other.Network) : Heard.CompareTo(other.Heard);
    }

    public static bool operator <(ChannelKey left, ChannelKey right) => left.CompareTo(right) < 0;

    public static bool operator <=(ChannelKey left, ChannelKey right) => left.CompareTo(right) <= 0;

    public static bool operator >(ChannelKey left, ChannelKey right) => left.CompareTo(right) > 0;

    public static bool operator >=(ChannelKey left, ChannelKey right) => left.CompareTo(right) >= 0;
}
