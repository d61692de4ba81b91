using ClusterActors.EndToEnd.Pairs;
using ClusterActors.Lab;

namespace ClusterActors.EndToEnd.Partition;

/// <summary>A pair whose voter is a real etcd on a third machine, and whose gateway may forbid a takeover.</summary>
public sealed class StoreTests
{
    private const string Etcd = "/usr/bin/etcd";
    private const string Gateway = "10.77.1.254";

    /// <summary>The client is the third machine: a lab's witness runs the product's own.</summary>
    private const string StoreHost = "client1";

    public StoreTests()
    {
        Assert.SkipWhen(RunningPair.MissingReason is not null, RunningPair.MissingReason ?? "");
        Assert.SkipUnless(File.Exists(Etcd), "no etcd here (Debian: etcd-server)");
    }

    [Fact]
    public Task Power_loss_must_be_taken_over_by_the_stores_vote_unless_the_gateway_is_out_of_reach() => RunningPair.TellAsync(async pair =>
    {
        await pair.Lab.StartServiceAsync(
            StoreHost, Etcd, "--data-dir", "/var/lib/etcd", "--listen-client-urls", "http://0.0.0.0:2379", "--advertise-client-urls", "http://10.77.1.101:2379",
            "--listen-peer-urls", "http://127.0.0.1:2380");
        var owner = await pair.ReadyAsync();
        var other = RunningPair.Other(owner);
        foreach (var server in pair.Servers)
            await pair.UntilStatusAsync(server, "the store answers", status => status.Arbiters.Single(arbiter => arbiter.Name == "store").State == "ok");
        await using var probe = await pair.StartProbeAsync(owner);

        // Both live and see the store: its counter moves, so it excludes nobody.
        await pair.Lab.CutAsync("server1", "server2");
        await WitnessedPair.UntilOfflineAsync(pair, seenBy: other, owner);
        await WitnessedPair.NothingMovesAsync(pair, owner, 2 * WitnessedPair.Timeout);
        await WitnessedPair.UntilExplainedAsync(pair, other, WitnessedPair.NotExcluded(owner), "store votes later");
        await pair.Lab.HealAsync();
        Assert.Equal(owner, await pair.ReadyAsync());

        // The store would vote, but who does not reach the gateway may be the one that is cut off.
        await pair.Lab.CutAsync(other, "gateway");
        await pair.Lab.PowerOffAsync(owner);
        await WitnessedPair.UntilExplainedAsync(pair, other, WitnessedPair.NotExcluded(owner), "gateway forbids it, this side is isolated");
        await WitnessedPair.NobodyRunsAsync(pair, other, WitnessedPair.Timeout);
        await pair.Lab.HealAsync();
        await RunningPair.AnsweredByAsync(probe, other);
        await pair.UntilRunsOnAsync(other);
        await WitnessedPair.UntilTakeoverExplainedAsync(pair, owner, other);
        await pair.Lab.PowerOnAsync(owner);
        Assert.Equal(other, await pair.ReadyAsync());
        await pair.FinishAsync(probe, owner, other);
    }, new PairOptions
    {
        Settings =
        [
            "cluster.on-partition = ask-arbiters",
            $"arbiters.gateway {{ type = ping, targets = [\"{Gateway}\"] }}",
            "arbiters.store { type = etcd, endpoints = [\"http://10.77.1.101:2379\", \"http://10.77.2.101:2379\"] }",
        ],
    });
}
