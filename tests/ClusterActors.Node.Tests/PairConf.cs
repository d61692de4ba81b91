namespace ClusterActors.Node.Tests;

/// <summary>The smallest cluster.conf of a pair that is good.</summary>
internal static class PairConf
{
    public const string Good =
        """
        cluster { name = pair, on-partition = hold }
        servers {
          server1 { addresses = ["10.0.0.1"] }
          server2 { addresses = ["10.0.0.2"] }
        }
        heartbeats { lan { type = lan, network = 10.0.0.0/24 } }
        """;
}
