using System.Globalization;

namespace ClusterActors.Model.Guardian;

/// <summary>
/// How often a server may beat that has ordinary scheduling only. Beside a busy machine an ordinary thread is late by more than a whole
/// short grant, so a healthy server would stop its groups, or lose them to its peer.
/// </summary>
public static class RealTimeNeed
{
    /// <summary>Shortest interval with ordinary scheduling; the profiles <c>fast</c> and <c>instant</c> are below it.</summary>
    public static readonly TimeSpan ShortestOrdinaryInterval = TimeSpan.FromMilliseconds(100);

    /// <summary>Why beats of this interval are refused on a machine that gives no real-time scheduling; null when they are not.</summary>
    public static string? WhyNot(TimeSpan interval) => interval >= ShortestOrdinaryInterval ? null : string.Create(CultureInfo.InvariantCulture,
        $"beats every {interval.TotalMilliseconds} ms need real-time scheduling, which this machine refuses to the guardian (clp doctor says why); without it the interval must be at least {ShortestOrdinaryInterval.TotalMilliseconds} ms, as in profile default: grant the right, or use that profile on all servers");
}
