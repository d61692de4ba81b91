using ClusterActors.Resources;

namespace ClusterActors.Configuration.Tests;

/// <summary>A small correct file that tests change in one place.</summary>
internal static class Sample
{
    public const string Text =
        """
        cluster { name = pair, on-partition = hold }
        servers {
          server1 { addresses = ["10.0.0.1"] }
          server2 { addresses = ["10.0.0.2"] }
        }
        heartbeats { lan { type = lan, network = 10.0.0.0/24 } }
        groups {
          web {
            servers = [server1, server2]
            resources {
              address { type = fip, ip = 10.0.0.100/24 }
              program { type = exec, start = /bin/web, mode = async }
            }
          }
        }
        """;

    /// <summary>Every type of arbiter; more voters than are allowed, so only for looking at keys.</summary>
    public const string AllArbiters =
        """
        cluster.on-partition = ask-arbiters
        arbiters {
          third { type = witness, addresses = ["10.0.0.9"] }
          gateway { type = ping, targets = ["10.0.0.254"] }
          power { type = fence, agent = fence_ipmilan, levels { pdu { agent = fence_apc } } }
          store { type = etcd, endpoints = ["http://10.0.0.8:2379"] }
          database { type = postgresql, connection = "Host=10.0.0.7" }
        }
        """;

    public static ClusterConfigOptions Options(string? host = null) => ClusterConfigOptions.For([.. ResourceTypes.All], host);

    public static ClusterConfigResult Bind(string text, string? host = null) => ClusterConfigLoader.Parse(text, "cluster.conf", Options(host));

    /// <summary>The sample with more text after it, which by HOCON's rules adds to it or replaces parts of it.</summary>
    public static ClusterConfigResult With(string more) => Bind(Text + "\n" + more);

    public static Model.ClusterConfig Good(string more = "")
    {
        var result = With(more);
        Assert.Empty(result.Problems.Select(p => p.ToString()));
        return result.Config!;
    }

    /// <summary>The problems of the sample with more text.</summary>
    public static string[] Problems(string more) => [.. With(more).Problems.Select(p => p.ToString())];
}
