namespace ClusterActors.Model.Events;

/// <summary>Where an event is reported besides the journal, which keeps every event.</summary>
[Flags]
public enum EventRoutes
{
    /// <summary>Journal only.</summary>
    None = 0,

    /// <summary>The alert log that all servers share.</summary>
    Alert = 1,

    /// <summary>The system log of the server where it happened.</summary>
    Syslog = 2,

    /// <summary>Mail to the addresses of the configuration.</summary>
    Mail = 4,
}
