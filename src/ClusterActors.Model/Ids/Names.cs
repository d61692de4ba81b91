namespace ClusterActors.Model;

/// <summary>Name of a server as written in <c>servers { NAME { … } }</c>; compared ignoring case, because host names are.</summary>
public sealed record ServerName(string Value) : IComparable<ServerName>
{
    public bool Equals(ServerName? other) => other is not null && string.Equals(Value, other.Value, StringComparison.OrdinalIgnoreCase);

    public override int GetHashCode() => StableHash.IgnoringCase(Value);

    public int CompareTo(ServerName? other) => StringComparer.OrdinalIgnoreCase.Compare(Value, other?.Value);

    public override string ToString() => Value;

    public static bool operator <(ServerName left, ServerName right) => left.CompareTo(right) < 0;

    public static bool operator <=(ServerName left, ServerName right) => left.CompareTo(right) <= 0;

    public static bool operator >(ServerName left, ServerName right) => left.CompareTo(right) > 0;

    public static bool operator >=(ServerName left, ServerName right) => left.CompareTo(right) >= 0;
}

/// <summary>Name of a group as written in <c>groups { NAME { … } }</c>.</summary>
public sealed record GroupName(string Value)
{
    public override int GetHashCode() => StableHash.Of(Value);

    public override string ToString() => Value;
}

/// <summary>Name of a resource, unique inside its group.</summary>
public sealed record ResourceName(string Value)
{
    public override int GetHashCode() => StableHash.Of(Value);

    public override string ToString() => Value;
}

/// <summary>A resource anywhere in the cluster: <c>group.resource</c>.</summary>
public readonly record struct ResourcePath(GroupName Group, ResourceName Resource)
{
    public override int GetHashCode() => StableHash.Combine(Group.GetHashCode(), Resource.GetHashCode());

    public override string ToString() => $"{Group}.{Resource}";
}

/// <summary>Name of a heartbeat channel as written in <c>heartbeats { NAME { … } }</c>.</summary>
public readonly record struct HeartbeatName(string Value)
{
    public override int GetHashCode() => StableHash.Of(Value);

    public override string ToString() => Value;
}
