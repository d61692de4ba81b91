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
    private const string Play = """
        cluster { name = rehearsal, on-partition = take-over }
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

    private static readonly GroupName Group = new("play");
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan MoveLimit = TimeSpan.FromSeconds(5);

    /// <summary>Ends when the second server has taken over from the first.</summary>
    /// <exception cref="TimeoutException">Not within 10 s.</exception>
    public static async Task RunAsync(TimeProvider time, CancellationToken cancellation)
    {
        var config = ClusterConfigLoader.Parse(Play, "rehearsal", ClusterConfigOptions.For([.. ResourceTypes.All])).Config!;
        var (first, second) = (config.Servers[0].Name, config.Servers[1].Name);
        var (stage, network) = (new RehearsalStage(), new InMemoryNetwork(time));
        await using var taker = new RehearsalServer(config, second, stage[1], network, time);
        await using (var owner = new RehearsalServer(config, first, stage[0], network, time))
        {
            var started = stage[0].NextStart();
            stage.Begin();
            await started.WaitAsync(Limit, time, cancellation).ConfigureAwait(false);
            // Ordered once on the server that does not decide: the order then goes over the link.
            await MoveAsync(ClusterSystem.Remote(taker.Cluster.System, first, ClusterSystem.CoordinatorName), second, cancellation).ConfigureAwait(false);
            await MoveAsync(owner.Cluster.Coordinator, first, cancellation).ConfigureAwait(false);
        }

        var takenOver = stage[1].NextStart();
        stage.LoseFirst();
        await takenOver.WaitAsync(Limit, time, cancellation).ConfigureAwait(false);
    }

    private static async Task MoveAsync(ICanTell coordinator, ServerName to, CancellationToken cancellation)
    {
        var order = new AdminCommand($"to {to}", AdminVerb.Move, Group, to, MoveLimit.TotalSeconds, DryRun: false, "rehearsal", "clpd");
        var outcome = await coordinator.Ask<AdminOutcome>(order, MoveLimit * 2, cancellation).ConfigureAwait(false);
        if (outcome.Code != 0)
            throw new InvalidOperationException($"move to {to}: {outcome.Message}");
    }
}
