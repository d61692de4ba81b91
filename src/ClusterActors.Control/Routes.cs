namespace ClusterActors.Control;

/// <summary>Paths of the control API, version 1. Segments in braces are URL-escaped names.</summary>
public static class Routes
{
    public const string Status = "/api/v1/status";
    public const string Events = "/api/v1/events";
    public const string EventStream = "/api/v1/events/stream";
    public const string Groups = "/api/v1/groups";
    public const string ClusterStop = "/api/v1/cluster/stop";
    public const string StartupWaitCancel = "/api/v1/cluster/startup-wait/cancel";
    public const string Guardian = "/api/v1/guardian";
    public const string Wishes = "/api/v1/cluster/wishes";
    public const string Check = "/api/v1/check";

    public const string Fence = "/api/v1/fence";

    public static string FenceTest(string server) => Fence + Segment(server) + "/test";

    public static string FenceConfirm(string server) => Fence + Segment(server) + "/confirm";

    public static string GroupStart(string? group) => Groups + Segment(group) + "/start";

    public static string GroupStop(string? group) => Groups + Segment(group) + "/stop";

    public static string GroupMove(string? group) => Groups + Segment(group) + "/move";

    public static string GroupExplain(string group) => Groups + Segment(group) + "/explain";

    private static string Segment(string? name) => name is null ? "" : "/" + Uri.EscapeDataString(name);
}
