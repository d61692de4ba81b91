namespace ClusterActors.Model.Guardian;

/// <summary>What the guardian did about its daemon, and what it could not tell while none was connected. Values are an interface: never reused.</summary>
public enum IncidentKind : byte
{
    /// <summary>No sign of life: killed. First = how long.</summary>
    DaemonHung = 1,

    /// <summary>It is back. First = deaths in the window, second = how many are allowed, third = why it was away.</summary>
    DaemonRestarted = 2,

    /// <summary>It does not come back: the server was made safe. First = deaths, second = the window.</summary>
    DaemonGivenUp = 4,

    /// <summary>Its process ended after it had connected. First = how.</summary>
    DaemonDied = 5,

    /// <summary>Its process ended before it had connected, or could not be started. First = how.</summary>
    DaemonNotReady = 6,

    /// <summary>Its process is started anew after a death.</summary>
    DaemonStarted = 7,

    /// <summary>Everything was ended here, without the daemon. First = why.</summary>
    ServerMadeSafe = 8,

    /// <summary>The machine refused a right that keeps beats on time. First = which, and why.</summary>
    RightsMissing = 9,

    /// <summary>A <see cref="Guardian.BeatsLate"/>. First = how late, second = the limit.</summary>
    BeatsLate = 10,

    /// <summary>A <see cref="Guardian.FenceArmed"/>. First = the address, second = the kind of fence.</summary>
    FenceArmed = 11,

    /// <summary>A <see cref="Guardian.FenceMissing"/>. First = the address, second = why.</summary>
    FenceMissing = 12,

    /// <summary>There were too many to keep; those that are gone were older than what follows. First = how many.</summary>
    Dropped = 13,
}

/// <param name="Sequence">1 and up within one life of the guardian.</param>
/// <param name="Age">How long ago.</param>
public sealed record GuardianIncident(ulong Sequence, IncidentKind Kind, TimeSpan Age, string First, string Second, string Third);

/// <summary>
/// Ask for what happened while no daemon was connected. Answered with <see cref="GuardianIncidents"/>; what was told is kept
/// until a later request confirms it, so that nothing is lost when the daemon ends in between.
/// </summary>
/// <param name="Confirmed">Highest sequence that is in the daemon's event journal; 0 for none.</param>
public sealed record GetIncidents(ulong Confirmed) : GuardianRequest
{
    public override FrameType Type => FrameType.GetIncidents;

    internal override void Write(ref FrameWriter w) => w.UInt64(Confirmed);

    internal static GetIncidents Read(ref FrameReader r) => new(r.UInt64());
}

/// <summary>The data of the answer to <see cref="GetIncidents"/>.</summary>
public static class GuardianIncidents
{
    public static byte[] Encode(IReadOnlyList<GuardianIncident> incidents)
    {
        ArgumentNullException.ThrowIfNull(incidents);
        var buffer = new byte[GuardianCodec.MaxFrameSize - GuardianCodec.HeaderSize - 64];
        var w = new FrameWriter(buffer);
        w.Count(incidents.Count);
        foreach (GuardianIncident incident in incidents)
        {
            w.UInt64(incident.Sequence);
            w.Byte((byte)incident.Kind);
            w.Duration(incident.Age);
            w.Text(incident.First);
            w.Text(incident.Second);
            w.Text(incident.Third);
        }

        return buffer[..w.Position];
    }

    /// <summary>Reads <see cref="Encode"/>'s bytes; throws <see cref="GuardianFormatException"/>.</summary>
    public static IReadOnlyList<GuardianIncident> Decode(ReadOnlySpan<byte> data)
    {
        var r = new FrameReader(data);
        var incidents = new GuardianIncident[r.UInt16()];
        for (int i = 0; i < incidents.Length; i++)
            incidents[i] = new GuardianIncident(r.UInt64(), (IncidentKind)r.Byte(), r.Duration(), r.Text(), r.Text(), r.Text());
        return incidents;
    }
}
