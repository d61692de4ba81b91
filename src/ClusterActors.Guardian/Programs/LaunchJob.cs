using ClusterActors.Linux.Process;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Guardian.Programs;

public enum StartResult
{
    Started,

    /// <summary>The ticket's program lives; nothing was done.</summary>
    AlreadyRunning,

    /// <summary>Nothing was started, because the request may not or cannot be carried out.</summary>
    Refused,

    /// <summary>The machine failed; nothing runs.</summary>
    Failed,
}

/// <param name="ProcessId">0 unless something runs.</param>
/// <param name="Sentence">For people.</param>
public sealed record StartAnswer(StartResult Result, int ProcessId, string Sentence);

/// <summary>One start on its way through the launcher thread.</summary>
public sealed class LaunchJob(StartProgram request, CgroupDirectory containment, string programName, int mainProcess)
{
    public StartProgram Request { get; } = request;

    /// <summary>The resource's control group.</summary>
    public CgroupDirectory Containment { get; } = containment;

    /// <summary>Name of the program's own group inside it.</summary>
    public string ProgramName { get; } = programName;

    /// <summary>Process id of the resource's running main program, 0 for none.</summary>
    public int MainProcess { get; } = mainProcess;

    /// <summary>Given up before the program ran. Only inside <see cref="StartGate"/>.</summary>
    public bool Cancelled { get; set; }

    /// <summary>In its control group and told to go. Only inside <see cref="StartGate"/>.</summary>
    public bool Passed { get; set; }

    /// <summary>Set by the launcher: a helper inside its main program's process namespace.</summary>
    public bool JoinedNamespace { get; set; }

    /// <summary>Set by the launcher: the running child, or null.</summary>
    public PidFd? Child { get; set; }

    public long StartedNanoseconds { get; set; }

    public StartAnswer Answer { get; set; } = new(StartResult.Failed, 0, "not launched yet");
}
