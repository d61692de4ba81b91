namespace ClusterActors.Model.Voting;

/// <summary>
/// How often a vote store is asked and how long an answer may take, so that one request without an answer costs a server nothing whose
/// standby has just died (A2 of TIMING.md). Pure.
/// <para>What has to fit between a vow and the stand-down: the time to the next request, that request's whole limit, one answer that
/// shows that the lost count was made after all, and the answer to the count after it. Requests are made one at a time.</para>
/// </summary>
public static class StoreTimes
{
    private static readonly TimeSpan ShortestInterval = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestMargin = TimeSpan.FromMilliseconds(100);

    /// <summary>Time between two requests, where an answer does not take longer.</summary>
    public static TimeSpan Interval(TimeSpan grant) =>
        TimeSpan.FromTicks(Math.Clamp(grant.Ticks / 5, ShortestInterval.Ticks, LongestInterval.Ticks));

    /// <summary>From a beat, or a request, to where the stand-down begins when nothing more is answered: a tenth of the grant before its end, at most 100 ms.</summary>
    public static TimeSpan UntilStandDown(TimeSpan grant) => grant - (grant / 10 < LongestMargin ? grant / 10 : LongestMargin);

    /// <summary>The longest that one request may go without an answer; below the round trip there is none that holds.</summary>
    public static TimeSpan Room(TimeSpan grant, TimeSpan roundTrip, TimeSpan schedulingError) =>
        UntilStandDown(grant) - Longer(Interval(grant), roundTrip) - (roundTrip * 2) - (schedulingError * 2);

    /// <summary>Limit of a request on a connection that works: the configured one, or less where the grant leaves less.</summary>
    public static TimeSpan Limit(HeartbeatConfig heartbeat, TimeSpan roundTrip, TimeSpan timeout)
    {
        ArgumentNullException.ThrowIfNull(heartbeat);
        var room = Room(heartbeat.Grant, roundTrip, heartbeat.SchedulingError);
        return room < timeout && room > TimeSpan.Zero ? room : timeout;
    }

    private static TimeSpan Longer(TimeSpan one, TimeSpan other) => one > other ? one : other;
}
