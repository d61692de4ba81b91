using ClusterActors.Actors;
using ClusterActors.Model;
using ClusterActors.Model.Events;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Cluster.Process;

/// <summary>What the daemon as a whole is doing.</summary>
public enum DaemonPhase
{
    /// <summary>Waiting for the guardian, the journal and the first word of the groups. Ended by all three.</summary>
    Starting,

    /// <summary>Counting down for servers never heard in this life. Ended by the last of them, by an administrator or by the count's end.</summary>
    WaitingForServers,

    /// <summary>Deciding and running groups.</summary>
    Running,

    /// <summary>Stopping this server's groups in order before the guardian leaves. Ended by the process's end.</summary>
    Stopping,
}

/// <summary>Answered with <see cref="PhaseShown"/>.</summary>
public sealed record GetPhase;

public sealed record PhaseShown(DaemonPhase Phase, IReadOnlyList<ServerName> WaitingFor, TimeSpan? Left);

/// <summary>From the control API: end the start-up wait. Answered with <see cref="StartupWaitEnded"/>.</summary>
public sealed record EndStartupWait(string Caller, string Reason);

public sealed record StartupWaitEnded(bool Accepted, string Sentence);

/// <summary>What pm needs from the composition root.</summary>
/// <param name="PowerOff">Carries out a final action that takes the machine down; true = reboot.</param>
public sealed record ProcessManagerSettings(
    ClusterConfig Config, ServerName Self, IGuardianLink Guardian, IActorRef Events, EventIds Ids, TimeProvider Time, Action<bool> PowerOff);

/// <summary>The neighbours pm steers; told once at start.</summary>
public sealed record ProcessNeighbours(IActorRef NodeManager, IActorRef ResourceControl, IActorRef Coordinator);
