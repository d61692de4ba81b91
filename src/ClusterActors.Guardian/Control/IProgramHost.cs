using ClusterActors.Model.Guardian;

namespace ClusterActors.Guardian.Control;

/// <summary>How a kill ended.</summary>
/// <param name="Empty">Nothing of what was to be killed lives any more.</param>
internal sealed record KillOutcome(bool Empty, string Sentence);

/// <summary>The programs as the control thread uses them; all calls and callbacks are on that thread.</summary>
internal interface IProgramHost : IDisposable
{
    int FileDescriptor { get; }

    int LiveCount { get; }

    bool IsEmpty { get; }

    void Dispatch();

    IReadOnlyList<ProgramEntry> Programs();

    IReadOnlyList<ProgramExited> Exited();

    void AllowStarts();

    void Start(StartProgram request, Action<Reply> answer);

    /// <summary>Null, or why nothing was sent.</summary>
    string? Signal(string ticket, int signal);

    void Kill(string group, string resource, TimeSpan limit, Action<KillOutcome> done);

    /// <summary>The guardian leaves in order, with nothing running: what watches over its death must not act.</summary>
    void Dismiss();

    /// <summary>Kills everything and refuses starts until <see cref="AllowStarts"/>.</summary>
    void KillAll(TimeSpan limit, Action<KillOutcome> done);
}
