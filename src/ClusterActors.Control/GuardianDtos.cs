namespace ClusterActors.Control;

/// <summary>How long something took, or how late it was, since the guardian started.</summary>
public sealed record DurationFigures(long Count, double P50Milliseconds, double P99Milliseconds, double P999Milliseconds, double MaxMilliseconds);

/// <summary>The running figures of the answering server's guardian, all since it started.</summary>
/// <param name="BeatLateness">How late each round of beats began, collections of garbage included.</param>
/// <param name="FenceRenewal">How long a renewal of the address fence took.</param>
/// <param name="BeatsMissed">Gaps in the sequence of accepted beats, over all channels.</param>
/// <param name="GrantEndsInMilliseconds">Unless renewed; negative when it is over.</param>
public sealed record GuardianFigures(
    string Server,
    DurationFigures BeatLateness,
    DurationFigures FenceRenewal,
    long BeatsSent,
    long SendFailures,
    long BeatsAccepted,
    long BeatsMissed,
    long RefusedForgery,
    long RefusedReplay,
    int Collections,
    bool RealTime,
    bool MemoryLocked,
    string Fence,
    double GrantEndsInMilliseconds);

/// <param name="Problem">Why there are no figures, as a sentence.</param>
public sealed record GuardianAnswer(GuardianFigures? Figures, string? Problem);
