namespace ClusterActors.Model.Guardian;

/// <summary>Type byte of a frame on the guardian's socket. Values are an interface: never reused; 10 and 66 were.</summary>
public enum FrameType : byte
{
    Hello = 1,
    ApplySettings = 2,
    RaiseTerm = 3,
    AddAddress = 4,
    RemoveAddress = 5,
    StartProgram = 6,
    SignalProgram = 7,
    KillContainment = 8,
    SetStopPlan = 9,
    GetTable = 11,
    MakeSafe = 12,
    Leave = 13,
    GetStatistics = 14,
    ArbiterVow = 15,
    GetIncidents = 16,

    Welcome = 64,
    Reply = 65,
    PeerChanged = 67,
    ChannelChanged = 68,
    TermChanged = 69,
    GrantChanged = 70,
    ProgramExited = 71,
    AddressConflict = 72,
    Superseded = 73,
    StopRequested = 74,
    StallReport = 75,
    VotingChanged = 76,
    ChannelLate = 80,
    ChannelDevice = 81,
    BeatsLate = 82,
    FenceArmed = 83,
    FenceMissing = 84,
    AddressLost = 85,
}

/// <summary>Anything that travels on the guardian's socket.</summary>
public abstract record GuardianFrame
{
    /// <summary>Type byte of this frame.</summary>
    public abstract FrameType Type { get; }

    internal abstract void Write(ref FrameWriter w);
}

/// <summary>From <c>clpd</c> to the guardian. Each is answered by one <see cref="Reply"/>.</summary>
public abstract record GuardianRequest : GuardianFrame;

/// <summary>From the guardian to <c>clpd</c>, unasked.</summary>
public abstract record GuardianNote : GuardianFrame;
