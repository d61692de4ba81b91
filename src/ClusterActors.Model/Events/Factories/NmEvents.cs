namespace ClusterActors.Model.Events;

/// <summary>Events of node management, one factory for each entry of <c>hocon/messages/nm.conf</c>.
/// A test keeps names and parameters equal to the catalogue.</summary>
public static class NmEvents
{
    private const string Module = "nm";

    /// <summary>nm 1: server {server} is up</summary>
    public static EventDraft ServerUp(string server) => EventDraft.Of(Module, 1, ("server", server));

    /// <summary>nm 2: server {server} is down</summary>
    public static EventDraft ServerDown(string server) => EventDraft.Of(Module, 2, ("server", server));

    /// <summary>nm 3: heartbeat {resource} of server {server} is up</summary>
    public static EventDraft HeartbeatUp(string resource, string server) =>
        EventDraft.Of(Module, 3, ("resource", resource), ("server", server));

    /// <summary>nm 4: heartbeat {resource} of server {server} is down</summary>
    public static EventDraft HeartbeatDown(string resource, string server) =>
        EventDraft.Of(Module, 4, ("resource", resource), ("server", server));

    /// <summary>nm 10: state of heartbeat {resource} of server {server} cannot be told</summary>
    public static EventDraft HeartbeatUnknown(string resource, string server) =>
        EventDraft.Of(Module, 10, ("resource", resource), ("server", server));

    /// <summary>nm 20: process {process} ended abnormally</summary>
    public static EventDraft ProcessDied(string process) => EventDraft.Of(Module, 20, ("process", process));

    /// <summary>nm 21: this server will be powered down</summary>
    public static EventDraft SystemHalt() => EventDraft.Of(Module, 21);

    /// <summary>nm 22: the node daemon will be stopped</summary>
    public static EventDraft DaemonStop() => EventDraft.Of(Module, 22);

    /// <summary>nm 23: this server will be restarted</summary>
    public static EventDraft SystemReboot() => EventDraft.Of(Module, 23);

    /// <summary>nm 24: process {process} will be started again</summary>
    public static EventDraft ProcessRestart(string process) => EventDraft.Of(Module, 24, ("process", process));

    /// <summary>nm 30: no heartbeat resource reaches {servers} although no stop was announced</summary>
    public static EventDraft PartitionDetected(string servers) => EventDraft.Of(Module, 30, ("servers", servers));

    /// <summary>nm 31: partition policy {policy}: {action}</summary>
    public static EventDraft PartitionAction(string policy, string action) =>
        EventDraft.Of(Module, 31, ("policy", policy), ("action", action));

    /// <summary>nm 39: pending failover of group {group} was cancelled: {reason}</summary>
    public static EventDraft FailoverCancelled(string group, string reason) =>
        EventDraft.Of(Module, 39, ("group", group), ("reason", reason));
}
