using System.Runtime.InteropServices;
using ClusterActors.Guardian.Programs;
using ClusterActors.Linux;
using ClusterActors.Linux.Process;
using ClusterActors.Linux.Realtime;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Guardian.Control;

/// <summary>The node daemon as a child process of the control thread.</summary>
internal sealed class DaemonProcess(GuardianPaths paths, IGuardianLog log) : IDaemonProcess, IDisposable
{
    private const int DaemonNice = -15;

    // Protected, but to be chosen before the guardian, whose own protection the child would otherwise inherit.
    private const int DaemonOomAdjustment = -900;

    private PidFd? _process;
    private PidFd? _ahead;
    private bool _aheadIsDropped;

    public bool Runs => _process is not null;

    /// <summary>Readable when it has ended; -1 while none runs.</summary>
    public int FileDescriptor => _process?.FileDescriptor ?? -1;

    /// <summary>Readable when the one that was started ahead has ended; -1 while there is none.</summary>
    public int AheadFileDescriptor => _ahead?.FileDescriptor ?? -1;

    /// <summary>The one that was started ahead and not taken yet; -1 while there is none.</summary>
    public int AheadProcessId => _ahead?.ProcessId ?? -1;

    public bool Start(string path, IReadOnlyList<string> arguments)
    {
        if (_ahead is { } ready && !_aheadIsDropped)
        {
            (_process, _ahead) = (ready, null);
            log.Info($"node daemon process {ready.ProcessId}, started ahead, is the present one");
        }
        else
        {
            _process = Launch(path, arguments, DaemonEnvironment());
        }

        return _process is not null;
    }

    public void StartAhead(string path, IReadOnlyList<string> arguments)
    {
        // The one before is killed and not reaped yet: the next start is one from the beginning.
        if (_ahead is not null)
            return;
        log.Info("the node daemon is silent; the next one is started ahead");
        _aheadIsDropped = false;
        _ahead = Launch(path, arguments, [.. DaemonEnvironment(), $"{StartedAhead.Variable}=1"]);
    }

    public void DropAhead()
    {
        if (_ahead is null)
            return;
        log.Info($"node daemon process {_ahead.ProcessId}, started ahead, is not needed");
        _aheadIsDropped = true;
        _ahead.Signal(GuardianCore.SignalKill);
    }

    /// <summary>Takes the exit status of the one that was started ahead, if it has ended.</summary>
    public void ReapAhead()
    {
        if (_ahead is null || !_ahead.TryReap(out ExitStatus status))
            return;
        if (!_aheadIsDropped)
            log.Warn($"node daemon process {_ahead.ProcessId}, started ahead, ended {Ending(status)}");
        _ahead.Dispose();
        _ahead = null;
    }

    public void Signal(int signal) => _process?.Signal(signal);

    /// <summary>True once after it has ended.</summary>
    /// <param name="inOrder">With exit code 0: somebody told it to end.</param>
    public bool TryReap(out string how, out bool inOrder)
    {
        (how, inOrder) = ("", false);
        if (_process is null || !_process.TryReap(out ExitStatus status))
            return false;
        how = $"ended {Ending(status)} (process {_process.ProcessId})";
        inOrder = status is { Signal: 0, ExitCode: 0 };
        _process.Dispose();
        _process = null;
        return true;
    }

    public void Dispose()
    {
        _process?.Dispose();
        _ahead?.Dispose();
    }

    private static string Ending(ExitStatus status) =>
        status.Signal != 0 ? $"by signal {status.Signal}" : $"with exit code {status.ExitCode}";

    private PidFd? Launch(string path, IReadOnlyList<string> arguments, IReadOnlyList<string> environment)
    {
        try
        {
            // This thread lives as long as the process, so the parent-death signal means the guardian's death.
            string setpriv = ProcessTools.Require("setpriv", "util-linux");
            int process = ChildProcess.Spawn(new ChildOptions(
                [setpriv, "--pdeathsig", "KILL", "--", path, .. arguments], environment, Output: 1, Error: 2, Nice: DaemonNice));
            var handle = new PidFd(process);
            OomScore.TrySet(process, DaemonOomAdjustment);
            var error = AutoGroup.TrySetNice(process, DaemonNice);
            if (error != 0)
                log.Warn($"node daemon: its session could not be set to nice {DaemonNice}: {Marshal.GetPInvokeErrorMessage(error)}");
            log.Info($"node daemon {path} started as process {process}");
            return handle;
        }
        catch (Exception e) when (e is LinuxException or FileNotFoundException or InvalidOperationException)
        {
            log.Error($"node daemon {path}: {e.Message}");
            return null;
        }
    }

    private IReadOnlyList<string> DaemonEnvironment()
    {
        var environment = new Dictionary<string, string>();
        foreach (System.Collections.DictionaryEntry entry in Environment.GetEnvironmentVariables())
            environment[(string)entry.Key] = (string?)entry.Value ?? "";
        if (paths.Root.Length > 0)
            environment["CLP_ROOT"] = paths.Root;
        // glibc gives each thread a heap of its own, and each keeps what it once needed; the daemon allocates too little there to contend for one.
        environment.TryAdd("MALLOC_ARENA_MAX", "1");
        return [.. environment.Select(e => $"{e.Key}={e.Value}")];
    }
}
