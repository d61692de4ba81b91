namespace ClusterActors.Model.Events;

/// <summary>Events of resource control, one factory for each entry of <c>hocon/messages/rc.conf</c>.
/// A test keeps names and parameters equal to the catalogue.</summary>
public static class RcEvents
{
    private const string Module = "rc";

    /// <summary>rc 10: start of group {group} began</summary>
    public static EventDraft GroupStartBegan(string group) => EventDraft.Of(Module, 10, ("group", group));

    /// <summary>rc 11: start of group {group} is complete</summary>
    public static EventDraft GroupStartEnded(string group) => EventDraft.Of(Module, 11, ("group", group));

    /// <summary>rc 12: start of group {group} failed</summary>
    public static EventDraft GroupStartFailed(string group) => EventDraft.Of(Module, 12, ("group", group));

    /// <summary>rc 15: start of group {group} waits for group {other}</summary>
    public static EventDraft StartWaitBegan(string group, string other) => EventDraft.Of(Module, 15, ("group", group), ("other", other));

    /// <summary>rc 16: group {other} runs; the wait of group {group} is over</summary>
    public static EventDraft StartWaitEnded(string group, string other) => EventDraft.Of(Module, 16, ("group", group), ("other", other));

    /// <summary>rc 17: start of group {group} was given up: group {other} did not start in time</summary>
    public static EventDraft StartWaitCancelled(string group, string other) =>
        EventDraft.Of(Module, 17, ("group", group), ("other", other));

    /// <summary>rc 18: group {other} did not start in time; group {group} starts all the same</summary>
    public static EventDraft StartWaitOverrun(string group, string other) =>
        EventDraft.Of(Module, 18, ("group", group), ("other", other));

    /// <summary>rc 20: stop of group {group} began</summary>
    public static EventDraft GroupStopBegan(string group) => EventDraft.Of(Module, 20, ("group", group));

    /// <summary>rc 21: stop of group {group} is complete</summary>
    public static EventDraft GroupStopEnded(string group) => EventDraft.Of(Module, 21, ("group", group));

    /// <summary>rc 22: stop of group {group} failed</summary>
    public static EventDraft GroupStopFailed(string group) => EventDraft.Of(Module, 22, ("group", group));

    /// <summary>rc 25: stop of group {group} waits for group {other}</summary>
    public static EventDraft StopWaitBegan(string group, string other) => EventDraft.Of(Module, 25, ("group", group), ("other", other));

    /// <summary>rc 26: group {other} stopped; the wait of group {group} is over</summary>
    public static EventDraft StopWaitEnded(string group, string other) => EventDraft.Of(Module, 26, ("group", group), ("other", other));

    /// <summary>rc 27: stop of group {group} was given up: group {other} did not stop in time</summary>
    public static EventDraft StopWaitCancelled(string group, string other) =>
        EventDraft.Of(Module, 27, ("group", group), ("other", other));

    /// <summary>rc 28: group {other} did not stop in time; group {group} stops all the same</summary>
    public static EventDraft StopWaitOverrun(string group, string other) => EventDraft.Of(Module, 28, ("group", group), ("other", other));

    /// <summary>rc 30: start of resource {resource} began</summary>
    public static EventDraft ResourceStartBegan(string resource) => EventDraft.Of(Module, 30, ("resource", resource));

    /// <summary>rc 31: start of resource {resource} is complete</summary>
    public static EventDraft ResourceStartEnded(string resource) => EventDraft.Of(Module, 31, ("resource", resource));

    /// <summary>rc 32: start of resource {resource} failed ({code}: {detail})</summary>
    public static EventDraft ResourceStartFailed(string resource, string code, string detail) =>
        EventDraft.Of(Module, 32, ("resource", resource), ("code", code), ("detail", detail));

    /// <summary>rc 40: stop of resource {resource} began</summary>
    public static EventDraft ResourceStopBegan(string resource) => EventDraft.Of(Module, 40, ("resource", resource));

    /// <summary>rc 41: stop of resource {resource} is complete</summary>
    public static EventDraft ResourceStopEnded(string resource) => EventDraft.Of(Module, 41, ("resource", resource));

    /// <summary>rc 42: stop of resource {resource} failed ({code}: {detail})</summary>
    public static EventDraft ResourceStopFailed(string resource, string code, string detail) =>
        EventDraft.Of(Module, 42, ("resource", resource), ("code", code), ("detail", detail));

    /// <summary>rc 50: move of group {group} began</summary>
    public static EventDraft GroupMoveBegan(string group) => EventDraft.Of(Module, 50, ("group", group));

    /// <summary>rc 51: move of group {group} is complete</summary>
    public static EventDraft GroupMoveEnded(string group) => EventDraft.Of(Module, 51, ("group", group));

    /// <summary>rc 52: move of group {group} failed</summary>
    public static EventDraft GroupMoveFailed(string group) => EventDraft.Of(Module, 52, ("group", group));

    /// <summary>rc 60: failover of group {group} began</summary>
    public static EventDraft GroupFailoverBegan(string group) => EventDraft.Of(Module, 60, ("group", group));

    /// <summary>rc 61: failover of group {group} is complete</summary>
    public static EventDraft GroupFailoverEnded(string group) => EventDraft.Of(Module, 61, ("group", group));

    /// <summary>rc 62: failover of group {group} failed</summary>
    public static EventDraft GroupFailoverFailed(string group) => EventDraft.Of(Module, 62, ("group", group));

    /// <summary>rc 64: group {group} goes to server {server}: {reason}</summary>
    public static EventDraft DestinationChosen(string group, string server, string reason) =>
        EventDraft.Of(Module, 64, ("group", group), ("server", server), ("reason", reason));

    /// <summary>rc 65: no server may take group {group}: {reason}</summary>
    public static EventDraft NoDestination(string group, string reason) =>
        EventDraft.Of(Module, 65, ("group", group), ("reason", reason));

    /// <summary>rc 66: server {server} is not fit for group {group}: {reason}</summary>
    public static EventDraft ServerNotFit(string group, string server, string reason) =>
        EventDraft.Of(Module, 66, ("group", group), ("server", server), ("reason", reason));

    /// <summary>rc 67: server {server} is not used for group {group} because group {other} runs there</summary>
    public static EventDraft ExcludedByGroup(string group, string server, string other) =>
        EventDraft.Of(Module, 67, ("group", group), ("server", server), ("other", other));

    /// <summary>rc 68: {requester} named server {server} for group {group}</summary>
    public static EventDraft DestinationNamed(string group, string server, string requester) =>
        EventDraft.Of(Module, 68, ("group", group), ("server", server), ("requester", requester));

    /// <summary>rc 69: group {group} goes back to its preferred server {server}</summary>
    public static EventDraft Failback(string group, string server) => EventDraft.Of(Module, 69, ("group", group), ("server", server));

    /// <summary>rc 70: restart of group {group} began</summary>
    public static EventDraft GroupRestartBegan(string group) => EventDraft.Of(Module, 70, ("group", group));

    /// <summary>rc 71: restart of group {group} is complete</summary>
    public static EventDraft GroupRestartEnded(string group) => EventDraft.Of(Module, 71, ("group", group));

    /// <summary>rc 72: restart of group {group} failed</summary>
    public static EventDraft GroupRestartFailed(string group) => EventDraft.Of(Module, 72, ("group", group));

    /// <summary>rc 80: restart of resource {resource} began</summary>
    public static EventDraft ResourceRestartBegan(string resource) => EventDraft.Of(Module, 80, ("resource", resource));

    /// <summary>rc 81: restart of resource {resource} is complete</summary>
    public static EventDraft ResourceRestartEnded(string resource) => EventDraft.Of(Module, 81, ("resource", resource));

    /// <summary>rc 82: restart of resource {resource} failed</summary>
    public static EventDraft ResourceRestartFailed(string resource) => EventDraft.Of(Module, 82, ("resource", resource));

    /// <summary>rc 90: the whole cluster is being shut down</summary>
    public static EventDraft ClusterShutdown() => EventDraft.Of(Module, 90);

    /// <summary>rc 91: this server is being shut down</summary>
    public static EventDraft ServerShutdown() => EventDraft.Of(Module, 91);

    /// <summary>rc 92: group {group} is active on more than one server</summary>
    public static EventDraft GroupActiveTwice(string group) => EventDraft.Of(Module, 92, ("group", group));

    /// <summary>rc 100: resource {resource} of group {group} used up its {limit} restarts</summary>
    public static EventDraft RestartsUsedUp(string group, string resource, string limit) =>
        EventDraft.Of(Module, 100, ("group", group), ("resource", resource), ("limit", limit));

    /// <summary>rc 350: group {group} is checked for running elsewhere</summary>
    public static EventDraft BothActivationCheckBegan(string group) => EventDraft.Of(Module, 350, ("group", group));

    /// <summary>rc 351: group {group} was found running nowhere else</summary>
    public static EventDraft BothActivationCheckEnded(string group) => EventDraft.Of(Module, 351, ("group", group));

    /// <summary>rc 352: start of group {group} was refused by the both-activation check: {reason}</summary>
    public static EventDraft BothActivationCheckFailed(string group, string reason) =>
        EventDraft.Of(Module, 352, ("group", group), ("reason", reason));

    /// <summary>rc 353: start of group {group} waits until it is known where it runs: {reason}</summary>
    public static EventDraft BothActivationCheckWaits(string group, string reason) =>
        EventDraft.Of(Module, 353, ("group", group), ("reason", reason));

    /// <summary>rc 433: failover of group {group} was cancelled: server {server} could not be forced off</summary>
    public static EventDraft FailoverCancelledNoProof(string group, string server) =>
        EventDraft.Of(Module, 433, ("group", group), ("server", server));

    /// <summary>rc 500: recovery of group {group} for monitor {monitor} is left out: no other server could run it</summary>
    public static EventDraft LastServerSpared(string group, string monitor) =>
        EventDraft.Of(Module, 500, ("group", group), ("monitor", monitor));

    /// <summary>rc 501: recovery of group {group} is possible again</summary>
    public static EventDraft LastServerSpareEnded(string group) => EventDraft.Of(Module, 501, ("group", group));

    /// <summary>rc 502: group {group} is stopped on server {server}, which loses against the higher term</summary>
    public static EventDraft BothActiveLoser(string group, string server) =>
        EventDraft.Of(Module, 502, ("group", group), ("server", server));

    /// <summary>rc 503: servers {first} and {second} report different states of group {group}</summary>
    public static EventDraft StateDiffers(string group, string first, string second) =>
        EventDraft.Of(Module, 503, ("group", group), ("first", first), ("second", second));

    /// <summary>rc 504: group {group} stays on server {server}, which holds the higher term</summary>
    public static EventDraft BothActiveSurvivor(string group, string server) =>
        EventDraft.Of(Module, 504, ("group", group), ("server", server));

    /// <summary>rc 510: {action} of group {group} is switched off by an administrator</summary>
    public static EventDraft ActionDisabled(string action, string group) =>
        EventDraft.Of(Module, 510, ("action", action), ("group", group));
}
