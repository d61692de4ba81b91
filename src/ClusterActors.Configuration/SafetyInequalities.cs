using System.Globalization;
using ClusterActors.Model;
using ClusterActors.Model.Voting;

namespace ClusterActors.Configuration;

/// <summary>
/// The relations between timeouts that keep a group from running twice (S1) and from stopping itself without need (A1). A2 is A1 for the case that the
/// other server has just died: the arbiter must renew the grant alone. A witness is asked with every beat, a store in an interval of its own.
/// </summary>
/// <param name="Interval">I: time between two beats.</param>
/// <param name="Timeout">V: length of a vow.</param>
/// <param name="Grant">L: how long a server may run groups after a beat it sent.</param>
/// <param name="Fence">Kind of address fence; auto is judged as bpf, so whoever falls back to nft judges again.</param>
/// <param name="SchedulingError">E: worst lateness of a beat.</param>
/// <param name="RoundTrip">Round trip between servers.</param>
/// <param name="ToleratedLosses">m: beats in a row that may be lost.</param>
public sealed record SafetyInequalities(
    TimeSpan Interval,
    TimeSpan Timeout,
    TimeSpan Grant,
    FenceChoice Fence,
    TimeSpan SchedulingError,
    TimeSpan RoundTrip,
    int ToleratedLosses)
{
    /// <summary>r: largest error of a clock's rate.</summary>
    public const double ClockRateError = 200e-6;

    /// <summary>K: from the end of the grant until no program of the group runs: the guardian kills itself 10 ms after the grant's end.</summary>
    public static readonly TimeSpan KillDelay = TimeSpan.FromMilliseconds(10);

    /// <summary>X: longest arm of the nftables lease, which the kernel counts from when it is given.</summary>
    public static readonly TimeSpan NftArm = TimeSpan.FromMilliseconds(600);

    /// <summary>q: lateness of the nftables lease, two jiffies of a kernel with 250 a second.</summary>
    public static readonly TimeSpan NftLateness = TimeSpan.FromMilliseconds(8);

    /// <summary>The broken inequalities, each a sentence with both sides; empty when all hold.</summary>
    public IEnumerable<string> Broken()
    {
        var isNft = Fence == FenceChoice.Nft;
        var end = isNft ? NftArm + NftLateness : KillDelay;
        var ownSide = (Ms(Grant) * (1 + ClockRateError)) + Ms(end);
        var otherSide = Ms(Timeout) * (1 - ClockRateError);
        if (ownSide >= otherSide)
        {
            var what = isNft
                ? $"{Text(NftArm)} + {Text(NftLateness)} of an nftables lease"
                : $"{Text(KillDelay)} until the last program is dead";
            var remedy = isNft
                ? "use fence = bpf, lengthen the timeout or shorten the grant"
                : "lengthen the timeout or shorten the grant";
            yield return $"inequality S1 is broken: grant {Text(Grant)} x {1 + ClockRateError} + {what} = {Text(ownSide)}, "
                + $"must be below timeout {Text(Timeout)} x {1 - ClockRateError} = {Text(otherSide)}; "
                + $"the old owner would still run when the new one starts; {remedy}";
        }

        var intervals = NeedsServersVows ? 2 : 1;
        var first = NeedsServersVows ? $"2 x interval {Text(Interval)}" : $"interval {Text(Interval)}";
        var needed = (intervals * Ms(Interval)) + Ms(RoundTrip) + Lateness;
        var left = NeedsServersVows ? UntilStandDown : Ms(Grant);
        if (needed > left)
        {
            yield return $"inequality A1 is broken: {first} + round trip {Text(RoundTrip)} + {LatenessText} = {Text(needed)}, must be at most {(NeedsServersVows ? UntilStandDownText : $"the grant {Text(Grant)}")}; "
                + "a late or lost beat would stop the groups of a healthy server; lengthen the timeout or shorten the interval";
        }

        if (ArbiterRoundTrip is not { } arbiter) yield break;
        if (ArbiterTimeout is { } timeout)
        {
            if (BrokenByStore(arbiter, timeout) is { } sentence)
                yield return sentence;
            yield break;
        }

        var alone = Ms(Interval) + Ms(arbiter) + Lateness;
        if (alone > UntilStandDown)
        {
            yield return $"inequality A2 is broken: interval {Text(Interval)} + round trip to the arbiter {Text(arbiter)} + {LatenessText} = {Text(alone)}, must be at most {UntilStandDownText}; "
                + "the crash of one server would stop the groups of the other; lengthen the timeout, or use a faster arbiter and write its round-trip";
        }
    }

    /// <summary>
    /// A2 of a vote store: beside a witness it has its own interval and goes over TCP, which repeats lost packets; what may be lost is
    /// one request, when a member dies.
    /// </summary>
    private string? BrokenByStore(TimeSpan roundTrip, TimeSpan timeout)
    {
        if (timeout < roundTrip)
            return $"inequality A2 is broken: timeout {Text(timeout)} of the arbiter must be at least its round trip {Text(roundTrip)}; no request would be answered in time; lengthen that timeout";
        if (StoreTimes.Room(Grant, roundTrip, SchedulingError) >= roundTrip)
            return null;
        var interval = ArbiterInterval > roundTrip ? $"interval {Text(ArbiterInterval)} of the arbiter" : $"round trip {Text(roundTrip)} to the arbiter, its interval being shorter,";
        var needed = Ms(ArbiterInterval > roundTrip ? ArbiterInterval : roundTrip) + (3 * Ms(roundTrip)) + (2 * Ms(SchedulingError));
        return $"inequality A2 is broken: {interval} + one request lost, at least {Text(roundTrip)} + 2 x round trip to the arbiter {Text(roundTrip)} + 2 x scheduling error {Text(SchedulingError)} = {Text(needed)}, "
            + $"must be at most {UntilStandDownText}; the crash of one server would stop the groups of the other; lengthen the timeout, or use a faster arbiter and write its round-trip";
    }

    /// <summary>W1: a stall that the cluster bears must not reset the machine. Null, or a sentence with both sides.</summary>
    public static string? BrokenByWatchdog(TimeSpan timeout, TimeSpan watchdog)
    {
        var needed = Ms(timeout) * (1 + ClockRateError);
        return Ms(watchdog) >= needed ? null
            : $"inequality W1 is broken: watchdog timeout {Text(watchdog)}, must be at least timeout {Text(timeout)} x {1 + ClockRateError} = {Text(needed)}; "
            + "a stall that the cluster bears would reset the machine; lengthen the watchdog's timeout";
    }

    /// <summary>
    /// The grant needs the vow of another server (ask-arbiters with three or more servers): a beat that is answered with the next one costs an interval more,
    /// and the stand-down begins before the grant's end. In a pair the vow of a voting arbiter is enough, so A2 is what counts.
    /// </summary>
    public bool NeedsServersVows { get; init; }

    /// <summary>R: round trip to the voting arbiter; null without one.</summary>
    public TimeSpan? ArbiterRoundTrip { get; init; }

    /// <summary>Longest time for one request, where the arbiter is a vote store; null for a witness, which is asked with every beat.</summary>
    public TimeSpan? ArbiterTimeout { get; init; }

    /// <summary>Time between two requests to a vote store.</summary>
    private TimeSpan ArbiterInterval => StoreTimes.Interval(Grant);

    /// <summary>From the end of the grant back to where the stand-down begins: a tenth of it, at most 100 ms.</summary>
    private double Margin => Ms(Grant) - UntilStandDown;

    private double UntilStandDown => Ms(StoreTimes.UntilStandDown(Grant));

    private string UntilStandDownText => $"the grant {Text(Grant)} - {Text(Margin)} for standing down = {Text(UntilStandDown)}";

    private double Lateness => (2 * Ms(SchedulingError)) + (ToleratedLosses * Ms(Interval));

    private string LatenessText => $"2 x scheduling error {Text(SchedulingError)} + {ToleratedLosses} lost beats x {Text(Interval)}";

    /// <summary>The longest round grant for own numbers, with room for both inequalities' errors; not positive when there is none.</summary>
    public static TimeSpan DeriveGrant(TimeSpan timeout, FenceChoice fence)
    {
        var margin = fence == FenceChoice.Nft ? TimeSpan.FromMilliseconds(610) : TimeSpan.FromMilliseconds(12);
        return TimeSpan.FromTicks((long)(timeout.Ticks * 0.985)) - margin;
    }

    private static double Ms(TimeSpan time) => time.TotalMilliseconds;

    private static string Text(TimeSpan time) => Text(time.TotalMilliseconds);

    private static string Text(double milliseconds) => milliseconds.ToString("0.###", CultureInfo.InvariantCulture) + "ms";
}
