namespace ClusterActors.Model.Events;

/// <summary>How grave an event is. The levels are those of the manuals' message list.</summary>
public enum EventLevel
{
    /// <summary>Something happened as it should; nobody has to act.</summary>
    Info,

    /// <summary>Service goes on, but somebody should look.</summary>
    Warning,

    /// <summary>Something failed; the remedy says what to do.</summary>
    Error,
}
