namespace ClusterActors.Model.Events;

/// <summary>Events of the guardian, one factory for each entry of <c>hocon/messages/monp.conf</c>.
/// A test keeps names and parameters equal to the catalogue.</summary>
public static class MonpEvents
{
    private const string Module = "monp";

    /// <summary>monp 1: watched process {process} could not initialise (status {status})</summary>
    public static EventDraft ProcessInitFailed(string process, string status) =>
        EventDraft.Of(Module, 1, ("process", process), ("status", status));

    /// <summary>monp 2: watched process {process} ended abnormally (status {status})</summary>
    public static EventDraft ProcessDied(string process, string status) =>
        EventDraft.Of(Module, 2, ("process", process), ("status", status));

    /// <summary>monp 3: watched process {process} will be started again</summary>
    public static EventDraft ProcessRestart(string process) => EventDraft.Of(Module, 3, ("process", process));

    /// <summary>monp 4: the cluster daemon is stopped because process {process} ended abnormally</summary>
    public static EventDraft ClusterStop(string process) => EventDraft.Of(Module, 4, ("process", process));

    /// <summary>monp 5: the cluster daemon could not be stopped (status {status})</summary>
    public static EventDraft ClusterStopFailed(string status) => EventDraft.Of(Module, 5, ("status", status));

    /// <summary>monp 6: this server is shut down because process {process} ended abnormally</summary>
    public static EventDraft SystemHalt(string process) => EventDraft.Of(Module, 6, ("process", process));

    /// <summary>monp 7: this server could not be shut down (status {status})</summary>
    public static EventDraft SystemHaltFailed(string status) => EventDraft.Of(Module, 7, ("status", status));

    /// <summary>monp 8: this server is restarted because process {process} ended abnormally</summary>
    public static EventDraft SystemReboot(string process) => EventDraft.Of(Module, 8, ("process", process));

    /// <summary>monp 9: this server could not be restarted (status {status})</summary>
    public static EventDraft SystemRebootFailed(string status) => EventDraft.Of(Module, 9, ("status", status));
}
