using System.Text.Json.Serialization;
using ClusterActors.Cluster.Groups;
using ClusterActors.Cluster.Wire.Json;
using ClusterActors.Cluster.Wishes;
using ClusterActors.Persistence;
using ClusterActors.Remoting;

namespace ClusterActors.Cluster.Wire;

/// <summary>
/// Source-generated JSON of everything the cluster sends or stores. What a starting daemon needs, and what the first move of a group, has
/// converters by hand with the same JSON: a generated contract makes the framework compile hundreds of methods for our structs at run time, because
/// ahead of time it may not, and the daemon or the group is gone while it does.
/// </summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UseStringEnumConverter = true,
    Converters =
    [
        typeof(GroupRecordConverter), typeof(GroupRecordWrittenConverter), typeof(GroupReportConverter), typeof(ServerReportConverter), typeof(ClusterWishesConverter),
        typeof(StartGroupOrderConverter), typeof(StopGroupOrderConverter), typeof(OrderReplyConverter), typeof(AdminCommandConverter),
    ])]
[JsonSerializable(typeof(ServerReport))]
[JsonSerializable(typeof(StartGroupOrder))]
[JsonSerializable(typeof(StopGroupOrder))]
[JsonSerializable(typeof(MakeSafeOrder))]
[JsonSerializable(typeof(OrderReply))]
[JsonSerializable(typeof(AdminCommand))]
[JsonSerializable(typeof(AdminOutcome))]
[JsonSerializable(typeof(ConfirmOff))]
[JsonSerializable(typeof(ConfirmOffAnswer))]
[JsonSerializable(typeof(StopServerOrder))]
[JsonSerializable(typeof(StopServerAccepted))]
[JsonSerializable(typeof(ProbePorts))]
[JsonSerializable(typeof(PortsProbed))]
[JsonSerializable(typeof(GroupRecordWritten))]
[JsonSerializable(typeof(WishCommand))]
[JsonSerializable(typeof(WishesWritten))]
internal sealed partial class ClusterJson : JsonSerializerContext;

/// <summary>The closed lists: what may cross between daemons and what may be stored, with version and manifest.</summary>
public static class ClusterMessages
{
    public static void RegisterIn(WireRegistry registry)
    {
        ArgumentNullException.ThrowIfNull(registry);
        registry.Register("nm.report", 1, static () => ClusterJson.Default.ServerReport);
        registry.Register("rc.start-group", 1, static () => ClusterJson.Default.StartGroupOrder);
        registry.Register("rc.stop-group", 1, static () => ClusterJson.Default.StopGroupOrder);
        registry.Register("rc.make-safe", 1, static () => ClusterJson.Default.MakeSafeOrder);
        registry.Register("rc.order-reply", 1, static () => ClusterJson.Default.OrderReply);
        registry.Register("rc.admin-command", 1, static () => ClusterJson.Default.AdminCommand);
        registry.Register("ca.wish-command", 1, static () => ClusterJson.Default.WishCommand);
        registry.Register("rc.admin-outcome", 1, static () => ClusterJson.Default.AdminOutcome);
        registry.Register("rc.confirm-off", 1, static () => ClusterJson.Default.ConfirmOff);
        registry.Register("rc.confirm-off-answer", 1, static () => ClusterJson.Default.ConfirmOffAnswer);
        registry.Register("pm.stop-server", 1, static () => ClusterJson.Default.StopServerOrder);
        registry.Register("pm.stop-server-accepted", 1, static () => ClusterJson.Default.StopServerAccepted);
        registry.Register("ports.probe", 1, static () => ClusterJson.Default.ProbePorts);
        registry.Register("ports.probed", 1, static () => ClusterJson.Default.PortsProbed);
    }

    public static void RegisterIn(EventRegistry registry)
    {
        ArgumentNullException.ThrowIfNull(registry);
        registry.Register("rc.group-record", 1, static () => ClusterJson.Default.GroupRecordWritten);
        registry.Register("ca.wishes", 1, static () => ClusterJson.Default.WishesWritten);
    }
}
