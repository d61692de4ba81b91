using System.Runtime.CompilerServices;

namespace ClusterActors.Control.Client;

/// <summary>
/// Reads <see cref="ClusterStatus"/> by hand. The framework's serializer costs a process that ends at once some 30 ms of its own start (measured
/// 2026-11, .NET 10, compiled ahead), which is half of what a status command takes. Unknown members are passed over.
/// </summary>
public static class StatusReader
{
    /// <exception cref="ControlException">An error answer with its own code and sentence, or no status.</exception>
    public static ClusterStatus ReadStatus(this ControlAnswer answer)
    {
        ArgumentNullException.ThrowIfNull(answer);
        if (!answer.Succeeded)
            throw Refused(answer);
        try
        {
            return Cluster(JsonText.Parse(answer.Body));
        }
        catch (Exception failure) when (failure is FormatException or InvalidCastException or OverflowException)
        {
            throw new ControlException(ExitCode.Internal, $"control API: the answer is no status: {failure.Message}; the command and the daemon may be of different releases", failure);
        }
    }

    /// <summary>In a method of its own: the framework's serializer, which only this one needs, is loaded when the method that names it begins.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ControlException Refused(ControlAnswer answer)
    {
        try
        {
            _ = answer.Read(ControlJson.Default.ClusterStatus);
            return new ControlException(ExitCode.Internal, $"control API: answer {answer.Status} is no refusal");
        }
        catch (ControlException refusal)
        {
            return refusal;
        }
    }

    private static ClusterStatus Cluster(object? from)
    {
        var servers = new List<ServerStatus>();
        foreach (var item in Items(from, "servers"))
            servers.Add(Server(item));
        var groups = new List<GroupStatus>();
        foreach (var item in Items(from, "groups"))
            groups.Add(Group(item));
        var heartbeats = new List<HeartbeatStatus>();
        foreach (var item in Items(from, "heartbeats"))
            heartbeats.Add(Heartbeat(item));
        return new ClusterStatus(
            Text(from, "cluster"), Text(from, "answeringServer"), Text(from, "phase"), Optional(from, "waitingFor"),
            Member(from, "waitSecondsLeft") is null ? null : Number(from, "waitSecondsLeft"),
            Text(from, "term"), Optional(from, "coordinator"), Text(from, "onPartition"), Text(from, "configHash"),
            Flag(from, "configDiffers"), Flag(from, "suspended"), servers, groups, heartbeats)
        {
            Warnings = Texts(from, "warnings"),
            Ratio = Member(from, "ratio") is null ? 1 : Whole(from, "ratio"),
            RatioUntil = Optional(from, "ratioUntil"),
            Arbiters = Arbiters(from),
            Verdict = Optional(from, "verdict"),
            LastVerdict = Optional(from, "lastVerdict"),
            Hold = Optional(from, "hold"),
        };
    }

    private static List<ArbiterStatus> Arbiters(object? from)
    {
        var arbiters = new List<ArbiterStatus>();
        foreach (var item in Items(from, "arbiters"))
            arbiters.Add(new ArbiterStatus(Text(item, "name"), Text(item, "type"), Text(item, "kind"), Text(item, "state"), Text(item, "detail")));
        return arbiters;
    }

    private static ServerStatus Server(object? from)
    {
        var heartbeats = new List<HeartbeatChannelStatus>();
        foreach (var item in Items(from, "heartbeats"))
            heartbeats.Add(new HeartbeatChannelStatus(Text(item, "name"), Text(item, "state"), Number(item, "silentForSeconds")) { Detail = Optional(item, "detail") ?? "" });
        return new ServerStatus(
            Text(from, "name"), Text(from, "state"), Text(from, "detail"), Text(from, "incarnation"), Text(from, "grant"),
            Number(from, "ageSeconds"), Flag(from, "isSelf"), heartbeats)
        {
            Mode = Optional(from, "mode"),
            ModeReason = Optional(from, "modeReason"),
        };
    }

    private static GroupStatus Group(object? from)
    {
        var servers = new List<string>();
        foreach (var item in Items(from, "servers"))
            servers.Add((string?)item ?? "");
        var resources = new List<ResourceStatusDto>();
        foreach (var item in Items(from, "resources"))
            resources.Add(new ResourceStatusDto(
                Text(item, "name"), Text(item, "type"), Text(item, "state"), Whole(item, "restarts"), Whole(item, "restartLimit"), Text(item, "detail")));
        return new GroupStatus(
            Text(from, "name"), Text(from, "state"), Optional(from, "currentServer"), Text(from, "reason"), Text(from, "wish"),
            Whole(from, "failovers"), Whole(from, "failoverThreshold"), servers, resources);
    }

    private static HeartbeatStatus Heartbeat(object? from)
    {
        var hears = new List<HearsDto>();
        foreach (var item in Items(from, "hears"))
            hears.Add(new HearsDto(Text(item, "observer"), Text(item, "subject"), Text(item, "state")));
        return new HeartbeatStatus(Text(from, "name"), Text(from, "type"), Text(from, "network"), Whole(from, "priority"), hears)
        {
            ExtendsGrant = Member(from, "extendsGrant") is not false,
            Note = Optional(from, "note") ?? "",
        };
    }

    private static object? Member(object? from, string name) =>
        ((Dictionary<string, object?>?)from ?? throw new FormatException($"no object with '{name}'")).GetValueOrDefault(name);

    private static List<object?> Items(object? from, string name) => (List<object?>?)Member(from, name) ?? [];

    private static List<string> Texts(object? from, string name)
    {
        var texts = new List<string>();
        foreach (var item in Items(from, name))
            texts.Add((string?)item ?? "");
        return texts;
    }

    private static string Text(object? from, string name) => Optional(from, name) ?? "";

    private static string? Optional(object? from, string name) => (string?)Member(from, name);

    private static bool Flag(object? from, string name) => Member(from, name) is { } value && (bool)value;

    private static double Number(object? from, string name) => Member(from, name) is { } value ? (double)value : 0;

    private static int Whole(object? from, string name) => checked((int)Number(from, name));
}
