using ClusterActors.Actors;
using ClusterActors.Cluster;
using ClusterActors.Cluster.Coordination;
using ClusterActors.Cluster.Wire;
using ClusterActors.Control;
using ClusterActors.Model;

namespace ClusterActors.Node.Status;

/// <summary>Brings a wish about the cluster or a server to the coordinator, wherever that is.</summary>
internal sealed class WishBackend(ServerName self, ClusterSystem cluster)
{
    private static readonly TimeSpan LocalLimit = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(5);

    public async Task<CommandReply> AskAsync(WishRequest wish, Caller caller, CancellationToken cancellation)
    {
        var shown = await cluster.Coordinator.Ask<PlanShown>(new GetPlan(), LocalLimit, cancellation).ConfigureAwait(false);
        var coordinator = shown.Plan?.Coordinator ?? self;
        ICanTell target = coordinator == self ? cluster.Coordinator : ClusterSystem.Remote(cluster.System, coordinator, ClusterSystem.CoordinatorName);
        var command = new WishCommand(Guid.NewGuid().ToString("N"), Verb(wish.Verb), wish.Server is null ? null : new ServerName(wish.Server),
            wish.Ratio, wish.Seconds, wish.Options.DryRun, wish.Options.Reason ?? "", caller.Name);
        try
        {
            var outcome = await target.Ask<AdminOutcome>(command, TimeSpan.FromSeconds(wish.Options.WaitSeconds) + Margin, cancellation).ConfigureAwait(false);
            return new((ExitCode)outcome.Code, outcome.Message, outcome.CommandId, [], outcome.Because);
        }
        catch (Exception e) when (e is AskTimeoutException or TimeoutException)
        {
            return new(ExitCode.Unreachable, $"the coordinator {coordinator} did not answer: {e.Message}", command.CommandId, [], []);
        }
    }

    private static WishVerb Verb(ClusterWishVerb verb) => verb switch
    {
        ClusterWishVerb.Suspend => WishVerb.Suspend,
        ClusterWishVerb.Resume => WishVerb.Resume,
        ClusterWishVerb.Stretch => WishVerb.Stretch,
        ClusterWishVerb.Normal => WishVerb.Normal,
        ClusterWishVerb.Standby => WishVerb.Standby,
        ClusterWishVerb.Maintenance => WishVerb.Maintenance,
        ClusterWishVerb.ResumeServer => WishVerb.ResumeServer,
        _ => throw new InvalidOperationException($"the wish {verb} has no meaning here"),
    };
}
