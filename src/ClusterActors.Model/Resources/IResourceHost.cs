using System.Net;

namespace ClusterActors.Model.Resources;

/// <param name="Prefix">Prefix length of the subnet the address belongs to; it is added as a host address all the same.</param>
/// <param name="Device">Interface, or null = the one with an address in the same subnet.</param>
/// <param name="Probe">Ask the network first whether somebody else has the address (RFC 5227).</param>
public sealed record AddressRequest(GroupName Group, ResourceName Resource, Term Term, string Ticket, IPAddress Address, int Prefix, string? Device, bool Probe, bool Fenced);

/// <summary>How a program is kept together so that all of it can be killed.</summary>
public enum Containment
{
    Cgroup,
    PidNamespace,
}

/// <param name="Arguments">Program and arguments, passed as they are; no shell.</param>
/// <param name="Environment">The whole environment of the program.</param>
/// <param name="LogLimitBytes">The log is turned over at this size; one older generation is kept.</param>
/// <param name="Helper">A start or stop script beside the main program: contained with it, but not the resource's life.</param>
public sealed record ProgramRequest(
    GroupName Group,
    ResourceName Resource,
    Term Term,
    string Ticket,
    IReadOnlyList<string> Arguments,
    IReadOnlyDictionary<string, string> Environment,
    string WorkingDirectory,
    string? User,
    Containment Containment,
    string LogFile,
    long LogLimitBytes,
    bool Helper);

/// <param name="ExitCode">0..255, or 128 + signal.</param>
public sealed record ProgramExit(string Ticket, int ExitCode, int Signal, string Sentence);

public sealed record ProgramStarted(string Ticket, int ProcessId, bool AlreadyRunning);

/// <summary>A refusal or failure by the host, with the guardian's own sentence.</summary>
public sealed class ResourceHostException(string message) : Exception(message)
{
    /// <summary>Set when the refusal is that somebody else has the resource.</summary>
    public InUse? Found { get; init; }
}

/// <summary>
/// What resources may do to the machine. Every call is carried out by the guardian, which refuses when the term is not the one it
/// is in or when its grant has ended; a refusal or failure is a <see cref="ResourceHostException"/>.
/// </summary>
public interface IResourceHost
{
    Task AddAddressAsync(AddressRequest request, CancellationToken cancellation);

    Task RemoveAddressAsync(GroupName group, ResourceName resource, CancellationToken cancellation);

    Task<bool> HasAddressAsync(GroupName group, ResourceName resource, CancellationToken cancellation);

    /// <summary>Completes, with the reason, when an address that was added is up no longer without having been removed; at once when it is not up.</summary>
    Task<string> WaitForAddressLossAsync(GroupName group, ResourceName resource, CancellationToken cancellation);

    Task<ProgramStarted> StartProgramAsync(ProgramRequest request, CancellationToken cancellation);

    /// <summary>Completes with the exit of the ticket's program; at once when it has already ended.</summary>
    Task<ProgramExit> WaitForExitAsync(string ticket, CancellationToken cancellation);

    /// <summary>Ticket of the live main program of a resource, or null.</summary>
    Task<ProgramStarted?> FindProgramAsync(GroupName group, ResourceName resource, CancellationToken cancellation);

    /// <summary>A live start or stop program of a resource, or null.</summary>
    Task<ProgramStarted?> FindHelperAsync(GroupName group, ResourceName resource, CancellationToken cancellation);

    /// <summary>How a program ended whose ticket begins so, the newest one; null when none is remembered.</summary>
    Task<ProgramExit?> FindExitAsync(string ticketBegin, CancellationToken cancellation);

    Task SignalProgramAsync(string ticket, int signal, CancellationToken cancellation);

    /// <summary>Kills everything of the resource and returns when its containment is empty.</summary>
    Task KillContainmentAsync(GroupName group, ResourceName resource, CancellationToken cancellation);

    TimeProvider Time { get; }

    /// <summary>Folder for program logs, such as /var/log/clp/programs.</summary>
    string ProgramLogFolder { get; }
}
