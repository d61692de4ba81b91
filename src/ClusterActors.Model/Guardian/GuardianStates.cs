namespace ClusterActors.Model.Guardian;

/// <summary>State of one channel (peer and network).</summary>
public enum ChannelState : byte
{
    /// <summary>Nothing was ever heard on it in this life of the guardian.</summary>
    Unknown = 0,

    /// <summary>The newest beat is younger than half of the timeout.</summary>
    Up = 1,

    /// <summary>Silent for at least half of the timeout.</summary>
    Late = 2,

    /// <summary>Silent for the timeout.</summary>
    Down = 3,
}

/// <summary>State of a peer over all its channels.</summary>
public enum PeerState : byte
{
    /// <summary>Nothing was ever heard from it in this life of the guardian; the start-up count-down still runs.</summary>
    Unknown = 0,

    /// <summary>At least one channel is up and none is late or down (channels never heard do not count).</summary>
    Up = 1,

    /// <summary>At least one channel is late or down, but not all are silent for the timeout.</summary>
    Suspected = 2,

    /// <summary>Every channel has been silent for the timeout.</summary>
    Down = 3,

    /// <summary>The peer stated "down and clean" for its term, in its current incarnation, answering ours.</summary>
    Clean = 4,
}

/// <summary>What the sender's guardian knows about its own node daemon; carried in each beat.</summary>
public enum DaemonState : byte
{
    /// <summary>No daemon has connected since the guardian started.</summary>
    Absent = 0,

    /// <summary>Connected and answering.</summary>
    Running = 1,

    /// <summary>Ended, hung or killed; the guardian is starting it again.</summary>
    Restarting = 2,

    /// <summary>Will not come back by itself: restart limit reached, or stopped on request.</summary>
    Gone = 3,
}

/// <summary>Whether this server may run groups.</summary>
public enum GrantState : byte
{
    /// <summary>Never held in this life: unclean, no settings, or nothing raised yet.</summary>
    None = 0,

    /// <summary>Held; renewed with every pass of the beat loop.</summary>
    Held = 1,

    /// <summary>Ran out by a stall; nothing starts until it is re-validated.</summary>
    Expired = 2,

    /// <summary>Ended by a peer's higher term that excludes this server, by leaving, or by making the server safe.</summary>
    Ended = 3,
}

/// <summary>Conditions of this guardian and its server, as carried in beats and <see cref="Welcome"/>.</summary>
[Flags]
public enum GuardianFlags : ushort
{
    /// <summary>No condition.</summary>
    None = 0,

    /// <summary>Start-up cleaning is not finished (or failed): gives no vow, nothing may start.</summary>
    Unclean = 1,

    /// <summary>Nothing runs here, and nothing will start here, in the sender's term.</summary>
    DownAndClean = 2,

    /// <summary>The guardian is on its way out.</summary>
    Leaving = 4,

    /// <summary>Durable: takes nothing over and votes for nobody by silence until all have met again with the arbiter.</summary>
    HoldPromise = 8,

    /// <summary>Runs groups by the hold promises of all peers, without vows.</summary>
    Relying = 16,

    /// <summary>Its durable state was lost or set back: gives no vow and no vote until it has met every peer in its term.</summary>
    Forgetful = 32,
}

/// <summary>Outcome of a request.</summary>
public enum GuardianResult : byte
{
    /// <summary>Done as asked.</summary>
    Done = 1,

    /// <summary>It was already so (a start whose ticket is live, an address already held under the same ticket).</summary>
    AlreadyDone = 2,

    /// <summary>A rule forbids it; the sentence says which. Nothing was changed.</summary>
    Refused = 3,

    /// <summary>Allowed, but the kernel or the program failed; the sentence says where.</summary>
    Failed = 4,

    /// <summary>No such program, address or containment.</summary>
    NotFound = 5,

    /// <summary>Somebody else has the address; the sentence says who. The answer's data is the link address (<see cref="Reply.Holder"/>).</summary>
    InUse = 6,

    /// <summary>Not before every live server has adopted the term, as a rule within a beat or two; the same request may be made again. Nothing was changed.</summary>
    NotYet = 7,
}
