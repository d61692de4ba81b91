using System.Text.Json.Serialization;
using ClusterActors.Cluster.Groups;
using ClusterActors.Cluster.Wishes;
using ClusterActors.Persistence;
using ClusterActors.Remoting;

namespace ClusterActors.Cluster.Wire;

/// <summary>Source-generated JSON of everything the cluster sends or stores.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UseStringEnumConverter = true)]
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
        registry.Register("nm.report", 1, ClusterJson.Default.ServerReport);
        registry.Register("rc.start-group", 1, ClusterJson.Default.StartGroupOrder);
        registry.Register("rc.stop-group", 1, ClusterJson.Default.StopGroupOrder);
        registry.Register("rc.make-safe", 1, ClusterJson.Default.MakeSafeOrder);
        registry.Register("rc.order-reply", 1, ClusterJson.Default.OrderReply);
        registry.Register("rc.admin-command", 1, ClusterJson.Default.AdminCommand);
        registry.Register("ca.wish-command", 1, ClusterJson.Default.WishCommand);
        registry.Register("rc.admin-outcome", 1, ClusterJson.Default.AdminOutcome);
        registry.Register("rc.confirm-off", 1, ClusterJson.Default.ConfirmOff);
        registry.Register("rc.confirm-off-answer", 1, ClusterJson.Default.ConfirmOffAnswer);
        registry.Register("pm.stop-server", 1, ClusterJson.Default.StopServerOrder);
        registry.Register("pm.stop-server-accepted", 1, ClusterJson.Default.StopServerAccepted);
    }

    public static void RegisterIn(EventRegistry registry)
    {
        ArgumentNullException.ThrowIfNull(registry);
        registry.Register("rc.group-record", 1, ClusterJson.Default.GroupRecordWritten);
        registry.Register("ca.wishes", 1, ClusterJson.Default.WishesWritten);
    }
}
