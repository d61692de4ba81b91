namespace ClusterActors.Model;

/// <summary>What the heartbeats and the guardian of a server say about it, seen from one observer.</summary>
public enum ServerState
{
    /// <summary>No beat was ever heard and the start-up wait has not ended. Ended by the first beat or by the wait's end.</summary>
    Unknown = 0,

    /// <summary>Beats arrive on at least one channel and its daemon runs.</summary>
    Up = 1,

    /// <summary>At least one channel is late, none has yet been silent for the whole timeout on every path. Ended by a beat or by Down.</summary>
    Suspected = 2,

    /// <summary>The guardian beats but says its daemon is being restarted. Its groups keep running; nobody takes them over.</summary>
    DaemonRestarting = 3,

    /// <summary>Its guardian has promised for its term: everything stopped, nothing will start. A takeover needs no wait.</summary>
    Clean = 4,

    /// <summary>Silent on every channel for the whole timeout. Not a proof of death by itself; see the partition policy.</summary>
    Down = 5,
}

/// <summary>State of a group on the server that owns it.</summary>
public enum GroupState
{
    /// <summary>Nothing of it runs anywhere that is known.</summary>
    Offline = 0,

    /// <summary>Resources are being started in order of depth. Ended by Online, or by a failure.</summary>
    OnlinePending = 1,

    /// <summary>Every resource started.</summary>
    Online = 2,

    /// <summary>Resources are being stopped in reverse order.</summary>
    OfflinePending = 3,

    /// <summary>A resource failed to start or failed while running, and no recovery is left. Nothing is retried without an administrator.</summary>
    OnlineFailure = 4,

    /// <summary>A resource would not stop: its server is unsafe and nobody may start the group until that server is proven stopped.</summary>
    OfflineFailure = 5,

    /// <summary>The server that had it does not answer and is not proven stopped.</summary>
    Unknown = 6,
}

/// <summary>State of one resource on the server that owns its group. The words of the status screen.</summary>
public enum ResourceState
{
    Offline = 0,
    OnlinePending = 1,
    Online = 2,
    OfflinePending = 3,
    OnlineFailure = 4,
    OfflineFailure = 5,
    Unknown = 6,
}

/// <summary>What the administrator last asked for a group; survives every restart and is followed by the planner.</summary>
public enum GroupWish
{
    /// <summary>Nothing said: the group's start-up attribute decides.</summary>
    Default = 0,

    /// <summary>To run, on the wished server if one is named.</summary>
    Started = 1,

    /// <summary>To stay stopped until somebody starts it.</summary>
    Stopped = 2,
}
