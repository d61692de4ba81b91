namespace ClusterActors.Control;

/// <summary>The one table of exit codes; every command and every reply of the control API uses it.</summary>
public enum ExitCode
{
    Done = 0,

    /// <summary>The command or the configuration is written wrongly.</summary>
    Usage = 1,

    /// <summary>Refused by a rule; the sentence names it.</summary>
    Refused = 2,

    NotFound = 3,

    /// <summary>Done on some servers only; the lines say where.</summary>
    Partial = 4,

    /// <summary>The wait is over, the operation goes on; its id is printed.</summary>
    StillRunning = 5,

    /// <summary>No quorum, or not provably safe.</summary>
    NotSafe = 6,

    NoPermission = 7,

    /// <summary>The daemon or a peer cannot be reached.</summary>
    Unreachable = 8,

    Internal = 9,
}
