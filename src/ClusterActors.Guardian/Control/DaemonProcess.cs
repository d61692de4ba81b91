using ClusterActors.Guardian.Logging;
using ClusterActors.Guardian.Programs;
using ClusterActors.Linux;
using ClusterActors.Linux.Process;
using ClusterActors.Linux.Realtime;

namespace ClusterActors.Guardian.Control;

/// <summary>The node daemon as a child process of the control thread.</summary>
internal sealed class DaemonProcess(GuardianPaths paths, RingLog log) : IDaemonProcess, IDisposable
{
    private const int DaemonNice = -15;

    // Protected, but to be chosen before the guardian, whose own protection the child would otherwise inherit.
    private const int DaemonOomAdjustment = -900;

    private PidFd? _process;

    public bool Runs => _process is not null;

    /// <summary>Readable when it has ended; -1 while none runs.</summary>
    public int FileDescriptor => _process?.FileDescriptor ?? -1;

    public bool Start(string path, IReadOnlyList<string> arguments)
    {
        try
        {
            // This thread lives as long as the process, so the parent-death signal means the guardian's death.
            string setpriv = ProcessTools.Require("setpriv", "util-linux");
            int process = ChildProcess.Spawn(new ChildOptions(
                [setpriv, "--pdeathsig", "KILL", "--", path, .. arguments], DaemonEnvironment(), Output: 1, Error: 2, Nice: DaemonNice));
            _process = new PidFd(process);
            OomScore.TrySet(process, DaemonOomAdjustment);
            log.Info($"node daemon {path} started as process {process}");
            return true;
        }
        catch (Exception e) when (e is LinuxException or FileNotFoundException or InvalidOperationException)
        {
            log.Error($"node daemon {path}: {e.Message}");
            return false;
        }
    }

    public void Signal(int signal) => _process?.Signal(signal);

    /// <summary>True once after it has ended.</summary>
    /// <param name="inOrder">With exit code 0: somebody told it to end.</param>
    public bool TryReap(out string how, out bool inOrder)
    {
        (how, inOrder) = ("", false);
        if (_process is null || !_process.TryReap(out ExitStatus status))
            return false;
        string end = status.Signal != 0 ? $"by signal {status.Signal}" : $"with exit code {status.ExitCode}";
        how = $"ended {end} (process {_process.ProcessId})";
        inOrder = status is { Signal: 0, ExitCode: 0 };
        _process.Dispose();
        _process = null;
        return true;
    }

    public void Dispose() => _process?.Dispose();

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
