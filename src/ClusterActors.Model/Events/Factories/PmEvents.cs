namespace ClusterActors.Model.Events;

/// <summary>Events of the process manager, one factory for each entry of <c>hocon/messages/pm.conf</c>.
/// A test keeps names and parameters equal to the catalogue.</summary>
public static class PmEvents
{
    private const string Module = "pm";

    /// <summary>pm 1: node daemon is up</summary>
    public static EventDraft DaemonStarted() => EventDraft.Of(Module, 1);

    /// <summary>pm 2: node daemon is going down</summary>
    public static EventDraft DaemonStopping() => EventDraft.Of(Module, 2);

    /// <summary>pm 3: watch over a stalled shutdown is armed</summary>
    public static EventDraft ShutdownWatchStarted() => EventDraft.Of(Module, 3);

    /// <summary>pm 10: a node daemon is running already</summary>
    public static EventDraft DaemonAlreadyRunning() => EventDraft.Of(Module, 10);

    /// <summary>pm 11: node daemon met an error it cannot survive</summary>
    public static EventDraft DaemonFatal() => EventDraft.Of(Module, 11);

    /// <summary>pm 12: configuration parser failed</summary>
    public static EventDraft ParserFailed() => EventDraft.Of(Module, 12);

    /// <summary>pm 13: cluster configuration is not valid</summary>
    public static EventDraft ConfigurationInvalid() => EventDraft.Of(Module, 13);

    /// <summary>pm 14: cluster configuration is missing</summary>
    public static EventDraft ConfigurationMissing() => EventDraft.Of(Module, 14);

    /// <summary>pm 15: this host is not among the configured servers</summary>
    public static EventDraft OwnNameMissing() => EventDraft.Of(Module, 15);

    /// <summary>pm 20: process {process} ended abnormally</summary>
    public static EventDraft ProcessDied(string process) => EventDraft.Of(Module, 20, ("process", process));

    /// <summary>pm 21: resource control ended with an error; this server is shut down</summary>
    public static EventDraft ResourceControlDied() => EventDraft.Of(Module, 21);

    /// <summary>pm 22: process {process} could not initialise (code {code})</summary>
    public static EventDraft ProcessInitFailed(string process, string code) =>
        EventDraft.Of(Module, 22, ("process", process), ("code", code));

    /// <summary>pm 23: this server will be powered down</summary>
    public static EventDraft SystemHalt() => EventDraft.Of(Module, 23);

    /// <summary>pm 24: the node daemon will be stopped</summary>
    public static EventDraft DaemonStop() => EventDraft.Of(Module, 24);

    /// <summary>pm 25: this server will be restarted</summary>
    public static EventDraft SystemReboot() => EventDraft.Of(Module, 25);

    /// <summary>pm 26: process {process} will be started again</summary>
    public static EventDraft ProcessRestart(string process) => EventDraft.Of(Module, 26, ("process", process));

    /// <summary>pm 30: {requester} asked to power down this server</summary>
    public static EventDraft HaltRequested(string requester) => EventDraft.Of(Module, 30, ("requester", requester));

    /// <summary>pm 31: {requester} asked to stop the node daemon</summary>
    public static EventDraft StopRequested(string requester) => EventDraft.Of(Module, 31, ("requester", requester));

    /// <summary>pm 32: {requester} asked to restart this server</summary>
    public static EventDraft RebootRequested(string requester) => EventDraft.Of(Module, 32, ("requester", requester));

    /// <summary>pm 33: {requester} asked to restart the node daemon</summary>
    public static EventDraft RestartRequested(string requester) => EventDraft.Of(Module, 33, ("requester", requester));

    /// <summary>pm 34: {requester} asked to resume the cluster</summary>
    public static EventDraft ResumeRequested(string requester) => EventDraft.Of(Module, 34, ("requester", requester));

    /// <summary>pm 35: {requester} asked to suspend the cluster</summary>
    public static EventDraft SuspendRequested(string requester) => EventDraft.Of(Module, 35, ("requester", requester));
}
