using ClusterActors.Cluster.Arbitration;
using ClusterActors.Control;
using ClusterActors.Model;
using ClusterActors.Model.Voting;

namespace ClusterActors.Node.Status;

/// <summary>Arbiters and verdict to the status answer and to explanations: pure.</summary>
internal static class ArbiterMapper
{
    /// <summary>In configured order; one that the guardian asks is named too, its state is in the grant.</summary>
    public static ClusterStatus Add(ClusterStatus status, ClusterConfig config, ArbitersShown shown) => status with
    {
        Arbiters =
        [
            .. config.Arbiters.Select(configured => shown.Arbiters.FirstOrDefault(a => a.Name == configured.Name.Value) is { } known
                ? new ArbiterStatus(known.Name, known.Type, known.Kind, known.State, known.Sentence)
                : new ArbiterStatus(configured.Name.Value, configured.Type, "vote", "guardian", "the guardian asks it with every beat; the grant shows its vows")),
        ],
        Verdict = shown.Verdict is { } verdict ? Words(verdict) : null,
        LastVerdict = shown.Last,
    };

    public static IEnumerable<string> Facts(ArbitersShown shown)
    {
        if (shown.Verdict is { } verdict)
            yield return $"verdict: {Words(verdict)}";
        if (shown.Last is { } last)
            yield return $"last verdict over silent servers: {last}";
        foreach (var fence in shown.Fences.Values.Where(f => f.State != FenceState.None))
            yield return $"fence of {fence.Server}: {fence.State}, {fence.Sentence}";
    }

    private static string Words(Verdict verdict) => $"{(verdict.Kind == VerdictKind.StandDown ? "stand down" : verdict.Kind.ToString().ToLowerInvariant())}: {verdict.Sentence}";
}
