namespace ClusterActors.Model.Guardian;

/// <summary>Distribution of a duration since the guardian started.</summary>
public sealed record LatenessFigures(long Count, TimeSpan P50, TimeSpan P99, TimeSpan P999, TimeSpan Max);

/// <summary>Running figures of the guardian.</summary>
/// <param name="BeatLateness">How late each pass of the beat loop began, against its planned instant.</param>
/// <param name="FenceRenewal">Time one renewal of the address fence took.</param>
/// <param name="BeatsSent">Datagrams handed to the kernel.</param>
/// <param name="SendFailures">Datagrams the kernel refused.</param>
/// <param name="BeatsAccepted">Datagrams that passed every check.</param>
/// <param name="RefusedForgery">Wrong HMAC, cluster or version, or too short.</param>
/// <param name="RefusedReplay">Sequence or incarnation already seen or older.</param>
/// <param name="BeatsMissed">Gaps in the sequence of accepted beats, over all channels.</param>
/// <param name="Collections">Garbage collections of the guardian process.</param>
/// <param name="RealTime">The process has real-time priority.</param>
/// <param name="MemoryLocked">The process memory is locked.</param>
/// <param name="Fence">Fence in use.</param>
/// <param name="GrantRemaining">Time until the grant ends unless renewed; negative when over.</param>
public sealed record GuardianStatistics(
    LatenessFigures BeatLateness, LatenessFigures FenceRenewal, long BeatsSent, long SendFailures, long BeatsAccepted, long RefusedForgery,
    long RefusedReplay, long BeatsMissed, int Collections, bool RealTime, bool MemoryLocked, FenceChoice Fence, TimeSpan GrantRemaining)
{
    /// <summary>The figures as the data of a <see cref="Reply"/>.</summary>
    public byte[] Encode()
    {
        var buffer = new byte[256];
        var w = new FrameWriter(buffer);
        WriteFigures(ref w, BeatLateness);
        WriteFigures(ref w, FenceRenewal);
        w.Int64(BeatsSent);
        w.Int64(SendFailures);
        w.Int64(BeatsAccepted);
        w.Int64(RefusedForgery);
        w.Int64(RefusedReplay);
        w.Int64(BeatsMissed);
        w.Int32(Collections);
        w.Bool(RealTime);
        w.Bool(MemoryLocked);
        w.Byte((byte)Fence);
        w.Duration(GrantRemaining);
        return buffer[..w.Position];
    }

    /// <summary>Reads <see cref="Encode"/>'s bytes; throws <see cref="GuardianFormatException"/>.</summary>
    public static GuardianStatistics Decode(ReadOnlySpan<byte> data)
    {
        var r = new FrameReader(data);
        return new GuardianStatistics(
            ReadFigures(ref r), ReadFigures(ref r), r.Int64(), r.Int64(), r.Int64(), r.Int64(), r.Int64(), r.Int64(), r.Int32(), r.Bool(), r.Bool(),
            (FenceChoice)r.Byte(), r.Duration());
    }

    private static void WriteFigures(ref FrameWriter w, LatenessFigures figures)
    {
        w.Int64(figures.Count);
        w.Duration(figures.P50);
        w.Duration(figures.P99);
        w.Duration(figures.P999);
        w.Duration(figures.Max);
    }

    private static LatenessFigures ReadFigures(ref FrameReader r) => new(r.Int64(), r.Duration(), r.Duration(), r.Duration(), r.Duration());
}
