using ClusterActors.Cluster.Arbitration;
using ClusterActors.Cluster.Membership;
using ClusterActors.Cluster.Tests.Pair;
using ClusterActors.Model;
using ClusterActors.Model.Guardian;
using ClusterActors.Model.Voting;

namespace ClusterActors.Cluster.Tests.Three;

/// <summary>What the coordinator of server1 holds for proven about server3 is over as soon as anybody hears server3.</summary>
public sealed class ProofTests : IDisposable
{
    private readonly CoordinatorBench _bench = new(ThreeServers.Fenced());
    private readonly MembershipState _silent = ThreeServers.Meeting(ThreeServers.Fenced(), Configs.Server1).Loses(ThreeServers.Server3);

    public void Dispose() => _bench.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Proof_of_a_fence_must_be_dropped_when_anybody_hears_the_server_again(bool here)
    {
        _bench.See(_silent);
        Prove(_bench.Outlook().Number);
        Assert.Equal("status says off", _bench.Server(ThreeServers.Server3).Proof);
        Assert.Equal([ThreeServers.Server3], _bench.Outlook().Settled);

        _bench.See(Heard(here));
        Assert.Null(_bench.Server(ThreeServers.Server3).Proof);
        Assert.Empty(_bench.Outlook().Settled);
        _bench.See(_silent);
        Assert.Null(_bench.Server(ThreeServers.Server3).Proof);
        Assert.Empty(_bench.Outlook().Settled);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Word_of_an_administrator_must_be_dropped_when_anybody_hears_the_server_again(bool here)
    {
        _bench.See(_silent);
        Assert.True(_bench.Confirm(ThreeServers.Server3).Accepted);
        Assert.StartsWith("switched off by root", _bench.Server(ThreeServers.Server3).Proof, StringComparison.Ordinal);
        Assert.Equal([ThreeServers.Server3], Assert.Single(_bench.Raises()).Confirmed);
        var word = _bench.Server(ThreeServers.Server3).CauseId;
        Assert.NotNull(word);

        _bench.See(Heard(here));
        Assert.Null(_bench.Server(ThreeServers.Server3).Proof);
        Assert.Empty(_bench.Outlook().Settled);
        Assert.NotEqual(word, _bench.Server(ThreeServers.Server3).CauseId);
        _bench.See(_silent);
        _bench.Tell(new RaiseTermAnswer(false, "refused by the test"));
        _bench.Pass(1);
        Assert.Empty(_bench.Raises());
    }

    /// <summary>The fence may have ended before the server was switched on again, and its answer be under way until the next silence.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Proof_that_is_older_than_the_last_sign_of_life_must_not_count(bool here)
    {
        _bench.See(_silent);
        var before = _bench.Outlook().Number;
        _bench.See(Heard(here));
        Prove(before);
        Assert.Null(_bench.Server(ThreeServers.Server3).Proof);
        _bench.See(_silent);
        Prove(before);
        Assert.Null(_bench.Server(ThreeServers.Server3).Proof);
        Prove(_bench.Outlook().Number);
        Assert.Equal("status says off", _bench.Server(ThreeServers.Server3).Proof);
    }

    private MembershipState Heard(bool here) =>
        here ? _silent.OnPeer(ThreeServers.Beats(ThreeServers.Server3, PeerState.Up)) : _silent.Hears(Configs.Server2, ThreeServers.Server3);

    private void Prove(long outlook) => _bench.Tell(new Arbitrated(
        ThreeServers.Term, new Verdict(VerdictKind.Wait, VerdictStep.None, [], "power", "test"), false,
        new Dictionary<ServerName, string> { [ThreeServers.Server3] = "status says off" }, outlook));
}
