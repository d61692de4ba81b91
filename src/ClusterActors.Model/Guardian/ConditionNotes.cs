using System.Net;

namespace ClusterActors.Model.Guardian;

/// <summary>Own beats began later than the settings count with; at most one in ten seconds, with the worst of that time.</summary>
/// <param name="Lateness">How late.</param>
/// <param name="Limit">The scheduling error E of the settings.</param>
/// <param name="DueAt">When the pass was planned, CLOCK_MONOTONIC of the server.</param>
public sealed record BeatsLate(TimeSpan Lateness, TimeSpan Limit, TimeSpan DueAt) : GuardianNote
{
    public override FrameType Type => FrameType.BeatsLate;

    internal override void Write(ref FrameWriter w)
    {
        w.Duration(Lateness);
        w.Duration(Limit);
        w.Duration(DueAt);
    }

    internal static BeatsLate Read(ref FrameReader r) => new(r.Duration(), r.Duration(), r.Duration());
}

/// <summary>A group address was brought up under a fence.</summary>
/// <param name="Kind">The kernel mechanism in use.</param>
public sealed record FenceArmed(string Group, string Resource, IPAddress Address, FenceChoice Kind) : GuardianNote
{
    public override FrameType Type => FrameType.FenceArmed;

    internal override void Write(ref FrameWriter w)
    {
        w.Text(Group);
        w.Text(Resource);
        w.Address(Address);
        w.Byte((byte)Kind);
    }

    internal static FenceArmed Read(ref FrameReader r) => new(r.Text(), r.Text(), Addresses.Required(ref r), (FenceChoice)r.Byte());
}

/// <summary>A group address was not brought up, or was taken down, because no fence would stop it.</summary>
/// <param name="Detail">Why there is none.</param>
public sealed record FenceMissing(string Group, string Resource, IPAddress Address, string Detail) : GuardianNote
{
    public override FrameType Type => FrameType.FenceMissing;

    internal override void Write(ref FrameWriter w)
    {
        w.Text(Group);
        w.Text(Resource);
        w.Address(Address);
        w.Text(Detail);
    }

    internal static FenceMissing Read(ref FrameReader r) => new(r.Text(), r.Text(), Addresses.Required(ref r), r.Text());
}

/// <summary>
/// A group address that was up is not any more, and nobody asked for that: its interface is gone, or it could be kept no longer. It is
/// forgotten here; only a new start brings it up again. A daemon that was not connected finds it missing in the table.
/// </summary>
/// <param name="Detail">Why.</param>
public sealed record AddressLost(string Group, string Resource, IPAddress Address, string Detail) : GuardianNote
{
    public override FrameType Type => FrameType.AddressLost;

    internal override void Write(ref FrameWriter w)
    {
        w.Text(Group);
        w.Text(Resource);
        w.Address(Address);
        w.Text(Detail);
    }

    internal static AddressLost Read(ref FrameReader r) => new(r.Text(), r.Text(), Addresses.Required(ref r), r.Text());
}
