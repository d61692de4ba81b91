namespace ClusterActors.Model.Guardian;

/// <summary>
/// Inequality S1 for a fence whose lease is relative (nftables): L(1+r) + X + q &lt; V(1-r). Such a lease can outlive the instant it was meant to end by
/// X + q, because the kernel counts it from when it is given. The configuration judges <c>fence = auto</c> as if the absolute kind (BPF) will load; the
/// guardian, which alone knows the kind it got, judges again with this.
/// </summary>
/// <param name="Arm">X: longest arm of the lease, three intervals by default: two beats may be late before it closes.</param>
/// <param name="Lateness">q: how late the kernel ends it, two ticks of its timer.</param>
public sealed record FenceLease(TimeSpan Arm, TimeSpan Lateness)
{
    /// <summary>r: largest error of a clock's rate.</summary>
    public const double ClockRateError = 200e-6;

    private const int ArmIntervals = 3;
    private const int LatenessTicks = 2;

    /// <summary>The lease that suits the settings.</summary>
    /// <param name="tick">Period of the kernel's timer tick: 1 to 10 ms.</param>
    public static FenceLease For(GuardianSettings settings, TimeSpan tick) => new(settings.Interval * ArmIntervals, tick * LatenessTicks);

    /// <summary>The longest L for which S1 holds, in whole milliseconds; may be negative.</summary>
    public TimeSpan LongestGrant(GuardianSettings settings) => LongestGrant(settings.Timeout * settings.Ratio);

    /// <summary>The same for a vow of another length.</summary>
    public TimeSpan LongestGrant(TimeSpan given)
    {
        double vow = given.TotalMilliseconds * (1 - ClockRateError);
        double longest = (vow - Arm.TotalMilliseconds - Lateness.TotalMilliseconds) / (1 + ClockRateError);

        // The inequality is strict.
        return TimeSpan.FromMilliseconds(Math.Ceiling(longest) - 1);
    }

    /// <summary>
    /// How long after the sending of a beat an address may answer: the grant, or less where S1 asks for less. Never stretched by the ratio:
    /// a peer may not have it yet, and this limit does not follow what the peers tell.
    /// </summary>
    public TimeSpan GrantFor(GuardianSettings settings)
    {
        TimeSpan grant = settings.Grant;
        TimeSpan longest = LongestGrant(settings with { Ratio = 1 });
        return longest < grant ? longest : grant;
    }

    /// <summary>Null, or why addresses must be refused: what S1 leaves is shorter than one arm, so the lease would end between healthy beats.</summary>
    public string? WhyNot(GuardianSettings settings)
    {
        TimeSpan left = GrantFor(settings);
        return left >= Arm && Arm >= settings.Interval * 2
            ? null
            : $"the nftables lease cannot hold S1 here: it may outlive the grant by {Arm.TotalMilliseconds} ms + {Lateness.TotalMilliseconds} ms, which leaves "
                + $"{left.TotalMilliseconds} ms of the timeout {settings.Timeout.TotalMilliseconds} ms; at least {Math.Max(Arm.TotalMilliseconds, settings.Interval.TotalMilliseconds * 2)} ms are needed with a "
                + $"beat every {settings.Interval.TotalMilliseconds} ms: use a kernel that takes the bpf fence, or a slower profile";
    }
}
