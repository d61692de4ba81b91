namespace ClusterActors.Model.Events;

/// <summary>Events of the LAN heartbeat, one factory for each entry of <c>hocon/messages/lanhb.conf</c>.
/// A test keeps names and parameters equal to the catalogue.</summary>
public static class LanhbEvents
{
    private const string Module = "lanhb";

    /// <summary>lanhb 71: beats of server {server} on {resource} are late: {elapsed} of {timeout}; {cause}</summary>
    public static EventDraft BeatsOfPeerLate(string resource, string server, string elapsed, string timeout, string cause) =>
        EventDraft.Of(Module, 71, ("resource", resource), ("server", server), ("elapsed", elapsed), ("timeout", timeout), ("cause", cause));

    /// <summary>lanhb 72: beats to server {server} on {resource} went out late: {elapsed} of {timeout}</summary>
    public static EventDraft SendingLate(string resource, string server, string elapsed, string timeout) =>
        EventDraft.Of(Module, 72, ("resource", resource), ("server", server), ("elapsed", elapsed), ("timeout", timeout));

    /// <summary>lanhb 73: beats on {resource} were taken in late: {elapsed} of {timeout}</summary>
    public static EventDraft ReceivingLate(string resource, string elapsed, string timeout) =>
        EventDraft.Of(Module, 73, ("resource", resource), ("elapsed", elapsed), ("timeout", timeout));
}
