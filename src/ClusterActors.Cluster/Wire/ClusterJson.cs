using System.Text.Json.Serialization;
using ClusterActors.Cluster.Groups;
using ClusterActors.Cluster.Wire.Json;
using ClusterActors.Cluster.Wishes;
using ClusterActors.Persistence;
using ClusterActors.Remoting;

namespace ClusterActors.Cluster.Wire;

/// <summary>
/// Source-generated JSON of everything the cluster sends or stores. What carries groups and reports is read and written by hand, in the same JSON: there a
/// name that a message leaves out is that of nobody, where a generated contract would put a null in a place that expects none. (Speed was the
/// first reason, while the programs were compiled at run time.)
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
