using ClusterActors.Linux.Process;

namespace ClusterActors.Guardian.Programs;

/// <summary>Somebody waits for the end of killed programs.</summary>
internal sealed record KillWait(string What, long StartNanoseconds, long DeadlineNanoseconds, Action<KillReport> Done);

/// <summary>A start on its way and those who wait for its answer.</summary>
internal sealed class PendingStart(LaunchJob job, ResourceContainment containment, long deadlineNanoseconds, Action<StartAnswer> answer)
{
    public LaunchJob Job { get; } = job;

    public ResourceContainment Containment { get; } = containment;

    public long DeadlineNanoseconds { get; } = deadlineNanoseconds;

    /// <summary>More than one when the same ticket was asked for again meanwhile.</summary>
    public List<Action<StartAnswer>> Answers { get; } = [answer];
}

/// <summary>The programs of one resource and the control group around them. Used by the control thread only.</summary>
internal sealed class ResourceContainment(string group, string resource, CgroupDirectory directory, long token) : IDisposable
{
    public string Name { get; } = $"{group}.{resource}";

    public string Group { get; } = group;

    public string Resource { get; } = resource;

    public CgroupDirectory Directory { get; } = directory;

    public CgroupEvents Events { get; } = directory.OpenEvents();

    public long Token { get; } = token;

    public List<LiveProgram> Live { get; } = [];

    public List<PendingStart> Pending { get; } = [];

    public List<KillWait> Waits { get; } = [];

    public HashSet<string> LogFiles { get; } = [];

    /// <summary>Groups of ended programs that left daemons behind.</summary>
    public List<CgroupDirectory> Leftovers { get; } = [];

    public LiveProgram? Main => Live.Find(program => !program.Request.Helper);

    public void Dispose() => Events.Dispose();
}
