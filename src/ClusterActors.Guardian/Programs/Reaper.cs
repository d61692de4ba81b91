using System.Globalization;
using ClusterActors.Linux.Process;

namespace ClusterActors.Guardian.Programs;

/// <param name="Silence">Without a sign of life for this time the reaper kills the programs, as at the guardian's end; null = never. At least 100 ms.</param>
/// <param name="RestartCommand">
/// What the reaper becomes after the guardian's unexpected end and the kill; empty = it just ends. It gets
/// <see cref="LaunchPlan.ChainEnvironment"/> only; begin with <c>env NAME=value</c> for more.
/// </param>
public sealed record ReaperOptions(TimeSpan? Silence, IReadOnlyList<string> RestartCommand);

/// <summary>
/// A shell outside the guardian that holds the reading end of a pipe. When the guardian dies, however it dies, the kernel closes the
/// pipe, and the shell kills the instance's control group: that reaches the daemonised grandchildren which no parent-death signal
/// reaches. It starts nothing while it waits. It keeps the guardian's scheduling class, so that a busy machine does not delay it.
/// Its control group is its own: systemd kills what is left in a unit's group when the main process has ended, and that must not be the reaper.
/// </summary>
public sealed class Reaper : IDisposable
{
    private const int MinimumSilenceMilliseconds = 100;

    /// <summary>$1 = control group directory, $2 = seconds of silence or 0, $3 = the guardian's own group, the rest = restart command.</summary>
    private const string Script = """
        trap '' TERM INT HUP QUIT
        dir=$1; silence=$2; home=$3; shift 3
        shopt -s globstar nullglob
        populated() {
            local name value
            while read -r name value; do [[ $name == populated ]] && return $((1 - value)); done <"$dir/cgroup.events"
            return 1
        }
        strike() {
            { echo 1 >"$dir/cgroup.kill"; } && return
            { echo 1 >"$dir/cgroup.freeze"; }
            local file process
            for file in "$dir"/**/cgroup.procs; do
                while read -r process; do [[ $process -gt 0 ]] && kill -KILL "$process"; done <"$file"
            done
        }
        while :; do
            if [[ $silence == 0 ]]; then read -r line; else read -r -t "$silence" line; fi
            status=$?
            if [[ $status -eq 0 ]]; then [[ $line == bye ]] && exit 0
            elif [[ $status -gt 128 ]]; then strike
            else break
            fi
        done
        for ((try = 0; try < 600; try++)); do
            populated || break
            strike
            sleep 0.02
        done
        trap - TERM INT HUP QUIT
        [[ $# -gt 0 ]] || exit 0
        { echo $$ >"$home/cgroup.procs"; }
        exec "$@"
        """;

    private static readonly byte[] SignOfLife = "\n"u8.ToArray();
    private static readonly byte[] Goodbye = "bye\n"u8.ToArray();

    private readonly Pipe _pipe;
    private readonly PidFd _process;

    /// <param name="root">What it kills. Must exist, and this process must not be inside.</param>
    public Reaper(ContainmentRoot root, ReaperOptions options)
    {
        ArgumentNullException.ThrowIfNull(root);
        ArgumentNullException.ThrowIfNull(options);
        if (options.Silence is { TotalMilliseconds: < MinimumSilenceMilliseconds } silence)
            throw new ArgumentException($"reaper: found a silence of {silence.TotalMilliseconds} ms; at least {MinimumSilenceMilliseconds} ms are allowed");
        _pipe = new Pipe(nonBlockingWrites: true);
        try
        {
            var process = ChildProcess.Spawn(new ChildOptions(
                [
                    ProcessTools.Require("bash", "bash"), "--norc", "--noprofile", "-c", Script, "clp-reaper", root.Directory.Path,
                    (options.Silence?.TotalSeconds ?? 0).ToString(CultureInfo.InvariantCulture), root.OwnGroup(), .. options.RestartCommand,
                ],
                LaunchPlan.ChainEnvironment,
                Input: _pipe.ReadEnd,
                KeepScheduling: true));
            _process = new PidFd(process);
            Exposed = root.Shelter(process);
        }
        catch
        {
            _pipe.Dispose();
            throw;
        }

        _pipe.CloseReadEnd();
    }

    public int ProcessId => _process.ProcessId;

    /// <summary>Why it is in the guardian's own control group and dies with it; null when it is not.</summary>
    public string? Exposed { get; }

    /// <summary>Readable when the reaper itself has ended, which it should not.</summary>
    public int ExitDescriptor => _process.FileDescriptor;

    /// <summary>Never blocks. A full pipe means that the reaper is stopped; it cannot be told more.</summary>
    public void Pulse() => _ = _pipe.TryWrite(SignOfLife);

    /// <summary>The orderly end: the reaper leaves without killing. Only when nothing runs.</summary>
    public void Dismiss() => _ = _pipe.TryWrite(Goodbye);

    /// <summary>Takes the exit status of an ended reaper; false while it runs.</summary>
    public bool TryReap() => _process.TryReap(out _);

    /// <summary>Closes the pipe: unless dismissed before, the reaper kills all programs.</summary>
    public void Dispose()
    {
        _pipe.Dispose();
        _process.Dispose();
    }
}
