using System.Net;
using ClusterActors.Model;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Guardian.Tests;

internal static class TestSettings
{
    public static GuardianSettings WithWitness(byte own = 0) => Pair(own) with
    {
        Policy = PartitionPolicy.AskArbiters,
        Voting = VotingMode.Vows,
        Arbiter = VotingArbiter.Witness,
        ArbiterName = "third-box",
        WitnessEndpoints = [new IPEndPoint(IPAddress.Parse("10.0.0.200"), 29080), new IPEndPoint(IPAddress.Parse("fd00::200"), 29081)],
    };

    public static GuardianSettings Pair(byte own = 0) => new()
    {
        ClusterName = "payroll",
        ClusterId = new Guid("00112233-4455-6677-8899-aabbccddeeff"),
        Key = [.. Enumerable.Range(1, 32).Select(i => (byte)i)],
        OwnIndex = own,
        Servers = [new GuardianServer(0, "server1"), new GuardianServer(1, "server2")],
        Networks =
        [
            new GuardianNetwork(0, "lan1", IPAddress.Parse(own == 0 ? "10.0.0.1" : "10.0.0.2"), 29002,
                [new GuardianPeerAddress((byte)(1 - own), IPAddress.Parse(own == 0 ? "10.0.0.2" : "10.0.0.1"))]),
        ],
        Interval = TimeSpan.FromMilliseconds(200),
        Timeout = TimeSpan.FromSeconds(2),
        Grant = TimeSpan.FromMilliseconds(1970),
        Policy = PartitionPolicy.TakeOver,
        ConfigHash = 0x1122334455667788,
    };
}
