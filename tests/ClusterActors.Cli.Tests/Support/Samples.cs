using ClusterActors.Control;

namespace ClusterActors.Cli.Tests.Support;

/// <summary>States of a pair for the screens.</summary>
internal static class Samples
{
    public static ClusterStatus Healthy { get; } = new(
        "pair", "server1", "Running", null, null, "3.0", "server1", "take-over", "ab12", false, false,
        [
            new("server1", "Online", "", "b1.1", "until 1.8 s from now", 0, true, [new("private", "Normal", 0), new("public", "Normal", 0)]),
            new("server2", "Online", "", "b2.1", "", 0.25, false, [new("private", "Normal", 0.1), new("public", "Normal", 0.1)]),
        ],
        [
            new("web", "Online", "server1", "", "started", 0, 2, ["server1", "server2"],
                [new("address", "fip", "Online", 0, 3, ""), new("program", "exec", "Online", 0, 3, "")]),
        ],
        [
            new("private", "lan", "192.168.10.0/24", 0, [new("server1", "server1", "o"), new("server1", "server2", "o"), new("server2", "server1", "o"), new("server2", "server2", "o")]),
            new("public", "lan", "10.0.0.0/24", 1, [new("server1", "server1", "o"), new("server1", "server2", "o"), new("server2", "server1", "o"), new("server2", "server2", "o")]),
        ]);

    public static GuardianFigures Figures { get; } = new(
        "server1", new(12345, 0.052, 0.31, 0.94, 3.125), new(12000, 0.004, 0.02, 0.05, 0.2), 24690, 2, 24600, 7, 1, 3, 4, true, false, "bpf", 1763.4);

    /// <summary>server2 is silent since 12 s, one group has moved once and failed a restart, another could not start.</summary>
    public static ClusterStatus Troubled { get; } = Healthy with
    {
        Phase = "WaitingForServers",
        WaitingFor = "server2, which does not answer",
        WaitSecondsLeft = 23.4,
        Coordinator = null,
        ConfigDiffers = true,
        Warnings = ["the guardian refused the settings of this configuration: beats every 50 ms need real-time scheduling"],
        Suspended = true,
        Ratio = 5,
        RatioUntil = "2026-11-26 15:00:00Z",
        Servers =
        [
            Healthy.Servers[0] with { Mode = "Maintenance", ModeReason = "disk test" },
            new("server2", "Offline", "silent on every heartbeat", "b2.1", "", 12.3, false, [new("private", "Error", 12.3), new("public", "Unknown", 12.3)]),
        ],
        Groups =
        [
            new("web", "Online Pending", "server1", "failover from server2, which is down", "started", 1, 2, ["server1", "server2"],
                [new("address", "fip", "Online", 0, 3, ""), new("program", "exec", "Online Pending", 1, 3, "exit code 4 after 0.2 s")]),
            new("batch", "Offline Failure", null, "no server is left: server1 excluded by 2 failed starts", "started", 0, 2, ["server1"], []),
        ],
        Heartbeats =
        [
            new("private", "lan", "192.168.10.0/24", 0, [new("server1", "server1", "o"), new("server1", "server2", "x")]),
            new("public", "lan", "10.0.0.0/24", 1, [new("server1", "server1", "o"), new("server1", "server2", "x"), new("server2", "server1", "-")]),
            new("shared", "diskhb", "/dev/sdb1", 2, [new("server1", "server1", "x"), new("server1", "server2", "x")]),
            new("serial", "comhb", "/dev/ttyS0", 3, [new("server1", "server1", "o"), new("server1", "server2", "o")])
            {
                ExtendsGrant = false,
                Note = "does not extend the grant: a beat every 533.3 ms that takes 266.7 ms, an answer after 1600 ms, grant 275 ms",
            },
        ],
    };
}
