using ClusterActors.Actors;
using ClusterActors.Cluster;
using ClusterActors.Cluster.Wire;
using ClusterActors.Configuration;
using ClusterActors.Model;
using ClusterActors.Remoting;
using ClusterActors.Resources;

namespace ClusterActors.Node.Rehearsal;

/// <summary>
/// Plays the start, two moves and the takeover of a group once through, on two servers that exist in this process alone. The first time that code
/// runs, the runtime loads, links and in part compiles it, and the processor meets it cold: some 40 ms of the first takeover (docs/TIMING.md), which is
/// nearly always the only one in the life of a daemon. Nothing of it can touch a real guardian, journal, link or log: it is given none of them.
/// </summary>
internal static class TakeoverRehearsal
{
    private const string Stage = """
        cluster.name = rehearsal
        servers { first { addresses = ["192.0.2.1"] }, second { addresses = ["192.0.2.2"] } }
        heartbeats { lan { type = lan, network = 192.0.2.0/24 } }
        groups.play {
          servers = [first, second]
          resources {
            address { type = fip, ip = 192.0.2.100/24 }
            program { type = exec, mode = async, start = [/bin/sh], depends-on = [address] }
          }
        }
        """;

    private const string TakeOver = "\ncluster.on-partition = take-over\n";
    private const string AskWitness = """

        cluster.on-partition = ask-arbiters
        arbiters.third { type = witness, addresses = ["192.0.2.3"] }
        """;

    private static readonly GroupName Group = new("play");
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan OrderLimit = TimeSpan.FromSeconds(5);

    /// <summary>Ends when the second server has taken over from the first.</summary>
    /// <param name="policy">Of the real cluster: under ask-arbiters there is a verdict before the takeover.</param>
    /// <exception cref="TimeoutException">Not within 10 s.</exception>
    public static async Task RunAsync(PartitionPolicy policy, TimeProvider time, CancellationToken cancellation)
    {
        var config = ClusterConfigLoader.Parse(Stage + (policy == PartitionPolicy.AskArbiters ? AskWitness : TakeOver), "rehearsal", ClusterConfigOptions.For([.. ResourceTypes.All])).Config!;
        var (first, second) = (config.Servers[0].Name, config.Servers[1].Name);
        // What a delivery throws must not end the real daemon; the play does not come to its end then.
        var (stage, network) = (new RehearsalStage(), new InMemoryNetwork(time) { OnFailure = static _ => { } });
        await using var taker = new RehearsalServer(config, second, stage[1], network, time);
        await using (var owner = new RehearsalServer(config, first, stage[0], network, time))
        {
            var started = stage[0].NextStart();
            stage.Begin();
            await started.WaitAsync(Limit, time, cancellation).ConfigureAwait(false);
            // Its program has been started; the answer to this one comes when whoever decides knows that it runs.
            await OrderAsync(owner.Cluster.Coordinator, AdminVerb.Start, first, cancellation).ConfigureAwait(false);
            // Ordered once on the server that does not decide: the order then goes over the link.
            await OrderAsync(ClusterSystem.Remote(taker.Cluster.System, first, ClusterSystem.CoordinatorName), AdminVerb.Move, second, cancellation).ConfigureAwait(false);
            await OrderAsync(owner.Cluster.Coordinator, AdminVerb.Move, first, cancellation).ConfigureAwait(false);
        }

        var takenOver = stage[1].NextStart();
        stage.LoseFirst();
        await takenOver.WaitAsync(Limit, time, cancellation).ConfigureAwait(false);
    }

    private static async Task OrderAsync(ICanTell coordinator, AdminVerb verb, ServerName server, CancellationToken cancellation)
    {
        var order = new AdminCommand($"{verb} {server}", verb, Group, server, OrderLimit.TotalSeconds, DryRun: false, "rehearsal", "clpd");
        var outcome = await coordinator.Ask<AdminOutcome>(order, OrderLimit * 2, cancellation).ConfigureAwait(false);
        if (outcome.Code != 0)
            throw new InvalidOperationException($"{verb} on {server}: {outcome.Message}");
    }
}
