namespace ClusterActors.Model.Resources;

/// <summary>Why a group is being started, for the program's environment (CLP_EVENT) and for address probing.</summary>
public enum StartCause
{
    /// <summary>Cluster start-up or an administrator's start: the both-activation check asks the network too.</summary>
    Start,

    /// <summary>A takeover after a verdict: no probe, the old owner's fence has closed.</summary>
    Failover,

    /// <summary>Restart of one resource on the same server after a failure.</summary>
    Restart,

    /// <summary>After its owner released it in order (move, failback): no probe, the address was given up a moment ago.</summary>
    Move,
}

/// <param name="Term">The term the guardian must be in; it refuses any other.</param>
/// <param name="Ticket">Unique per start attempt of this resource; a live ticket makes a repeated start answer "running".</param>
public sealed record StartRequest(GroupName Group, ResourceConfig Resource, Term Term, StartCause Cause, string Ticket, int Attempt, ServerName Self, bool IsHomeServer)
{
    /// <summary>The group's switch: before a start that is no takeover, ask around whether the resource is active elsewhere.</summary>
    public bool BothActivationCheck { get; init; } = true;

    /// <summary>
    /// In a check: the daemon ended before the start of the group was recorded as complete, and this is how the tickets of that start begin. What is
    /// asked then is whether this resource's part of it was complete; if not, its remains are to be ended. Empty: the start was complete.
    /// </summary>
    public string CutShort { get; init; } = "";
}

/// <param name="Force">Kill at once instead of asking first.</param>
public sealed record StopRequest(GroupName Group, ResourceConfig Resource, Term Term, bool Force, int Attempt, ServerName Self, bool IsHomeServer);

public enum ResourceHealth
{
    Running,
    Stopped,
    Failed,
}

/// <summary>What a start found in use by somebody else. Starting the resource on another server would only make it two there.</summary>
/// <param name="What">Such as the address.</param>
/// <param name="By">Link address of the host that has it; empty when it is on this server, but not by the cluster.</param>
public sealed record InUse(string What, string By)
{
    public bool IsHere => By.Length == 0;
}

/// <summary>Result of a start, stop or check with the sentence behind it.</summary>
public readonly record struct ResourceOutcome(bool Succeeded, ResourceHealth Health, string Sentence)
{
    /// <summary>Why a start failed, when it is that somebody else has the resource.</summary>
    public InUse? Found { get; init; }

    /// <summary>The time it was given, when it did not end within it and was killed; null otherwise.</summary>
    public TimeSpan? KilledAfter { get; init; }

    public static ResourceOutcome Running(string sentence) => new(true, ResourceHealth.Running, sentence);

    public static ResourceOutcome Stopped(string sentence) => new(true, ResourceHealth.Stopped, sentence);

    public static ResourceOutcome Failed(string sentence) => new(false, ResourceHealth.Failed, sentence);
}

/// <summary>
/// One resource on this server. Start and stop are idempotent; an outcome, never an exception, reports an expected failure;
/// both honour the token within a second. Called by one actor, never concurrently for the same resource.
/// </summary>
public interface IResource
{
    Task<ResourceOutcome> StartAsync(StartRequest request, CancellationToken cancellation);

    Task<ResourceOutcome> StopAsync(StopRequest request, CancellationToken cancellation);

    /// <summary>What is true now, asked of the guardian's table and the kernel, not remembered.</summary>
    Task<ResourceOutcome> CheckAsync(StartRequest request, CancellationToken cancellation);

    /// <summary>
    /// Completes when a started resource ends or fails by itself; a resource with nothing to watch completes only with the token.
    /// </summary>
    Task<ResourceOutcome> WatchAsync(StartRequest request, CancellationToken cancellation);
}

/// <summary>A resource type: one folder, found by the composition root, described once.</summary>
public interface IResourceType
{
    ResourceTypeDescription Description { get; }

    /// <summary>Problems that a single parameter's description cannot express; each a sentence, prefixed with the location by the caller.</summary>
    IEnumerable<string> Validate(ResourceConfig resource, ClusterConfig cluster);

    IResource Create(ResourceConfig resource, IResourceHost host);
}
