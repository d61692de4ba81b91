namespace ClusterActors.Control.Client;

/// <summary>The answer to a question for the status.</summary>
public static class StatusAnswer
{
    /// <exception cref="ControlException">An error answer with its own code and sentence, or no status.</exception>
    public static ClusterStatus ReadStatus(this ControlAnswer answer)
    {
        ArgumentNullException.ThrowIfNull(answer);
        var status = answer.Read(ControlJson.Default.ClusterStatus);
        return IsWhole(status)
            ? status
            : throw new ControlException(ExitCode.Internal, "control API: the answer is no whole status; the command and the daemon may be of different releases");
    }

    /// <summary>The serializer leaves what is missing null, also where the type says that it cannot be.</summary>
    private static bool IsWhole(ClusterStatus status) =>
        status is { Cluster: not null, AnsweringServer: not null, Phase: not null, Term: not null, OnPartition: not null, ConfigHash: not null }
        && All(status.Servers, IsWhole) && All(status.Groups, IsWhole) && All(status.Heartbeats, IsWhole) && All(status.Warnings)
        && All(status.Arbiters, arbiter => arbiter is { Name: not null, Type: not null, Kind: not null, State: not null, Detail: not null });

    private static bool IsWhole(ServerStatus server) =>
        server is { Name: not null, State: not null, Detail: not null, Incarnation: not null, Grant: not null }
        && All(server.Heartbeats, heartbeat => heartbeat is { Name: not null, State: not null });

    private static bool IsWhole(GroupStatus group) =>
        group is { Name: not null, State: not null, Reason: not null, Wish: not null } && All(group.Servers)
        && All(group.Resources, resource => resource is { Name: not null, Type: not null, State: not null, Detail: not null });

    private static bool IsWhole(HeartbeatStatus heartbeat) =>
        heartbeat is { Name: not null, Type: not null, Network: not null }
        && All(heartbeat.Hears, hears => hears is { Observer: not null, Subject: not null, State: not null });

    private static bool All<T>(IReadOnlyList<T>? items, Func<T, bool> isWhole) => items is not null && items.All(item => item is not null && isWhole(item));

    private static bool All(IReadOnlyList<string>? texts) => All(texts, static _ => true);
}
