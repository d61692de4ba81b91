namespace ClusterActors.Model.Events;

/// <summary>Events of the disk heartbeat, one factory for each entry of <c>hocon/messages/diskhb.conf</c>.
/// A test keeps names and parameters equal to the catalogue.</summary>
public static class DiskhbEvents
{
    private const string Module = "diskhb";

    /// <summary>diskhb 10: device {device} of {resource} does not exist</summary>
    public static EventDraft DeviceMissing(string device, string resource) => EventDraft.Of(Module, 10, ("device", device), ("resource", resource));

    /// <summary>diskhb 11: device {device} of {resource} is no block device</summary>
    public static EventDraft DeviceNotBlock(string device, string resource) => EventDraft.Of(Module, 11, ("device", device), ("resource", resource));

    /// <summary>diskhb 12: raw access to device {device} of {resource} is not possible</summary>
    public static EventDraft RawMissing(string device, string resource) => EventDraft.Of(Module, 12, ("device", device), ("resource", resource));

    /// <summary>diskhb 13: device {device} of {resource} could not be bound to {raw}</summary>
    public static EventDraft BindFailed(string device, string resource, string raw) =>
        EventDraft.Of(Module, 13, ("device", device), ("resource", resource), ("raw", raw));

    /// <summary>diskhb 71: beats of server {server} on {resource} are late: {elapsed} of {timeout}; {cause}</summary>
    public static EventDraft BeatsOfPeerLate(string resource, string server, string elapsed, string timeout, string cause) =>
        EventDraft.Of(Module, 71, ("resource", resource), ("server", server), ("elapsed", elapsed), ("timeout", timeout), ("cause", cause));

    /// <summary>diskhb 72: writing to {device} of {resource} takes long: {elapsed} of {timeout}</summary>
    public static EventDraft WritingLate(string resource, string device, string elapsed, string timeout) =>
        EventDraft.Of(Module, 72, ("resource", resource), ("device", device), ("elapsed", elapsed), ("timeout", timeout));

    /// <summary>diskhb 73: reading from {device} of {resource} takes long: {elapsed} of {timeout}</summary>
    public static EventDraft ReadingLate(string resource, string device, string elapsed, string timeout) =>
        EventDraft.Of(Module, 73, ("resource", resource), ("device", device), ("elapsed", elapsed), ("timeout", timeout));

    /// <summary>diskhb 74: device {device} of {resource} failed: {cause}</summary>
    public static EventDraft DeviceFailed(string device, string resource, string cause) =>
        EventDraft.Of(Module, 74, ("device", device), ("resource", resource), ("cause", cause));

    /// <summary>diskhb 75: device {device} of {resource} works</summary>
    public static EventDraft DeviceWorks(string device, string resource) => EventDraft.Of(Module, 75, ("device", device), ("resource", resource));
}
