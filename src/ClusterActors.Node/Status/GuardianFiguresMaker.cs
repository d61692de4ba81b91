using ClusterActors.Control;
using ClusterActors.Model;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Node.Status;

/// <summary>The guardian's own figures as the control API shows them.</summary>
internal static class GuardianFiguresMaker
{
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(2);

    public static async Task<GuardianAnswer> AskAsync(IGuardianLink guardian, ServerName self, CancellationToken cancellation)
    {
        try
        {
            var reply = await guardian.AskAsync(new GetStatistics(), AnswerLimit, cancellationToken: cancellation).ConfigureAwait(false);
            return reply.Succeeded ? new(Make(reply.Statistics, self), null) : new(null, $"the guardian has no figures: {reply.Sentence}");
        }
        catch (Exception e) when (e is IOException or TimeoutException)
        {
            return new(null, e.Message);
        }
    }

    internal static GuardianFigures Make(GuardianStatistics s, ServerName self) => new(
        self.Value, Durations(s.BeatLateness), Durations(s.FenceRenewal), s.BeatsSent, s.SendFailures, s.BeatsAccepted, s.BeatsMissed,
        s.RefusedForgery, s.RefusedReplay, s.Collections, s.RealTime, s.MemoryLocked, s.Fence.ToString().ToLowerInvariant(), s.GrantRemaining.TotalMilliseconds);

    private static DurationFigures Durations(LatenessFigures f) =>
        new(f.Count, f.P50.TotalMilliseconds, f.P99.TotalMilliseconds, f.P999.TotalMilliseconds, f.Max.TotalMilliseconds);
}
