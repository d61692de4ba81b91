namespace ClusterActors.Model.Guardian;

/// <summary>
/// How much a daemon understands of what a guardian tells unasked. A daemon closes the connection at a note it does not know, so a newer
/// guardian keeps from it what came later. A newer daemon understands everything of the editions before. Values are an interface.
/// </summary>
public enum NoteEdition : byte
{
    /// <summary>All notes up to <see cref="FrameType.ChannelDevice"/>, and incidents up to <see cref="IncidentKind.DaemonGivenUp"/>.</summary>
    First = 0,

    /// <summary>Late beats, fences, and incidents up to <see cref="IncidentKind.RightsMissing"/> as well.</summary>
    Second = 1,

    /// <summary>Incidents up to <see cref="IncidentKind.Dropped"/> as well.</summary>
    Third = 2,

    /// <summary>Lost addresses as well.</summary>
    Fourth = 3,
}

/// <summary>The edition in which a note or an incident came.</summary>
public static class NoteEditions
{
    /// <summary>What this release understands.</summary>
    public const NoteEdition Newest = NoteEdition.Fourth;

    public static NoteEdition Of(GuardianNote note)
    {
        ArgumentNullException.ThrowIfNull(note);
        return note.Type switch
        {
            FrameType.BeatsLate or FrameType.FenceArmed or FrameType.FenceMissing => NoteEdition.Second,
            FrameType.AddressLost => NoteEdition.Fourth,
            _ => NoteEdition.First,
        };
    }

    public static NoteEdition Of(IncidentKind kind) => kind switch
    {
        <= IncidentKind.DaemonGivenUp => NoteEdition.First,
        <= IncidentKind.RightsMissing => NoteEdition.Second,
        _ => NoteEdition.Third,
    };
}
