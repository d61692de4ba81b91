using ClusterActors.Linux;
using ClusterActors.Linux.Process;
using ClusterActors.Model.Guardian;
using ContainmentKind = ClusterActors.Model.Resources.Containment;

namespace ClusterActors.Guardian.Programs;

/// <summary>A stop under way: kill the containment at the deadline or when the main process has ended.</summary>
internal sealed record PendingStop(long DeadlineNanoseconds, TimeSpan KillLimit, Action<KillReport> Done);

/// <summary>A program whose main process has not ended.</summary>
internal sealed class LiveProgram(LaunchJob job, PidFd child, ResourceContainment containment, long token) : IDisposable
{
    private const int ShellSignalBase = 128;

    public StartProgram Request { get; } = job.Request;

    public ResourceContainment Containment { get; } = containment;

    public CgroupDirectory Directory { get; } = containment.Directory.Child(job.ProgramName);

    public PidFd Child { get; } = child;

    public long Token { get; } = token;

    public long StartedNanoseconds { get; } = job.StartedNanoseconds;

    public PendingStop? Stop { get; set; }

    private bool IsFirstProcessShell => Request.Contain == ContainmentKind.PidNamespace && !job.JoinedNamespace;

    /// <summary>Signals the program's main process. Null, or why not.</summary>
    public string? Signal(int signal)
    {
        var target = Target();
        if (target is null)
            return $"{Containment.Name}: ticket {Request.Ticket} is just starting or ending, signal {signal} was not sent; try again or kill it";
        try
        {
            var error = target.Signal(signal);
            return error is 0 or Errno.NoSuchProcess ? null : new LinuxException($"{Containment.Name}: signal {signal} to process {target.ProcessId}", error).Message;
        }
        finally
        {
            if (target != Child)
                target.Dispose();
        }
    }

    /// <summary>Takes the exit status; false while it runs.</summary>
    public bool TryReap(out ExitStatus status)
    {
        if (!Child.TryReap(out status))
            return false;
        // A shell stands between and reports a signal as its number above 128, as shells do.
        if (IsFirstProcessShell && status.ExitCode > ShellSignalBase && status.ExitCode <= ShellSignalBase + LinuxSignals.Maximum)
            status = new ExitStatus(-1, status.ExitCode - ShellSignalBase);
        return true;
    }

    public void Dispose() => Child.Dispose();

    // unshare -> first process (shell) -> program; nsenter -> program.
    private PidFd? Target()
    {
        if (!IsFirstProcessShell && !job.JoinedNamespace)
            return Child;
        var process = ProcessTools.FirstChild(Child.ProcessId);
        if (IsFirstProcessShell && process > 0)
            process = ProcessTools.FirstChild(process);
        try
        {
            return process > 0 ? new PidFd(process) : null;
        }
        catch (LinuxException gone) when (gone.Errno == Errno.NoSuchProcess)
        {
            return null;
        }
    }
}
