namespace ClusterActors.Model.Events;

/// <summary>Events of the serial heartbeat, one factory for each entry of <c>hocon/messages/comhb.conf</c>.
/// A test keeps names and parameters equal to the catalogue.</summary>
public static class ComhbEvents
{
    private const string Module = "comhb";

    /// <summary>comhb 1: serial device {device} does not exist</summary>
    public static EventDraft DeviceMissing(string device) => EventDraft.Of(Module, 1, ("device", device));

    /// <summary>comhb 2: serial device {device} could not be opened</summary>
    public static EventDraft OpenFailed(string device) => EventDraft.Of(Module, 2, ("device", device));

    /// <summary>comhb 71: beats of server {server} on {resource} are late: {elapsed} of {timeout}; {cause}</summary>
    public static EventDraft BeatsOfPeerLate(string resource, string server, string elapsed, string timeout, string cause) =>
        EventDraft.Of(Module, 71, ("resource", resource), ("server", server), ("elapsed", elapsed), ("timeout", timeout), ("cause", cause));

    /// <summary>comhb 72: sending on {device} of {resource} takes long: {elapsed} of {timeout}</summary>
    public static EventDraft SendingLate(string resource, string device, string elapsed, string timeout) =>
        EventDraft.Of(Module, 72, ("resource", resource), ("device", device), ("elapsed", elapsed), ("timeout", timeout));

    /// <summary>comhb 73: beats on {resource} were taken in late: {elapsed} of {timeout}</summary>
    public static EventDraft ReceivingLate(string resource, string elapsed, string timeout) =>
        EventDraft.Of(Module, 73, ("resource", resource), ("elapsed", elapsed), ("timeout", timeout));

    /// <summary>comhb 74: serial device {device} of {resource} failed: {cause}</summary>
    public static EventDraft DeviceFailed(string device, string resource, string cause) =>
        EventDraft.Of(Module, 74, ("device", device), ("resource", resource), ("cause", cause));

    /// <summary>comhb 75: serial device {device} of {resource} works</summary>
    public static EventDraft DeviceWorks(string device, string resource) => EventDraft.Of(Module, 75, ("device", device), ("resource", resource));
}
