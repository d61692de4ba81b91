namespace ClusterActors.Model.Guardian;

/// <summary>Beats on an own channel are late, by half or four fifths of the silence limit, or came after such a gap.</summary>
/// <param name="Server">The peer; 255 when the delay concerns all of them.</param>
/// <param name="Network">Index of the channel; 255 when it concerns all of them.</param>
/// <param name="Percent">50 or 80.</param>
/// <param name="Side">Who is to blame, as measured.</param>
/// <param name="Elapsed">The silence, or the delay.</param>
/// <param name="Limit">What it is measured against.</param>
/// <param name="Cause">The measurement, as a sentence part.</param>
public sealed record ChannelLate(
    byte Server, byte Network, byte Percent, LateSide Side, TimeSpan Elapsed, TimeSpan Limit, string Cause) : GuardianNote
{
    public override FrameType Type => FrameType.ChannelLate;

    internal override void Write(ref FrameWriter w)
    {
        w.Byte(Server);
        w.Byte(Network);
        w.Byte(Percent);
        w.Byte((byte)Side);
        w.Duration(Elapsed);
        w.Duration(Limit);
        w.Text(Cause);
    }

    internal static ChannelLate Read(ref FrameReader r) =>
        new(r.Byte(), r.Byte(), r.Byte(), (LateSide)r.Byte(), r.Duration(), r.Duration(), r.Text());
}

/// <summary>The device below a disk or serial channel changed its state.</summary>
/// <param name="Network">Index of the channel.</param>
/// <param name="State">State now.</param>
/// <param name="Detail">What the kernel said; empty while ready.</param>
public sealed record ChannelDevice(byte Network, DeviceState State, string Detail) : GuardianNote
{
    public override FrameType Type => FrameType.ChannelDevice;

    internal override void Write(ref FrameWriter w)
    {
        w.Byte(Network);
        w.Byte((byte)State);
        w.Text(Detail);
    }

    internal static ChannelDevice Read(ref FrameReader r) => new(r.Byte(), (DeviceState)r.Byte(), r.Text());
}
