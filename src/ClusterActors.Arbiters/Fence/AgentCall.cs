using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace ClusterActors.Arbiters.Fence;

/// <summary>How a call of an agent ended.</summary>
/// <param name="ExitCode">null: it did not start, or was killed at its time limit.</param>
/// <param name="Output">What it printed, at most <see cref="AgentCall.OutputLimit"/> characters, secrets hidden.</param>
internal sealed record AgentResult(int? ExitCode, string Output, string Errors);

/// <summary>
/// Runs an agent once: options as lines on standard input, answer as exit code. A late one is killed with all that it started, and
/// counts as failed: a timeout is an assumption, not a proof. The same holds where something of it cannot be found or killed and keeps
/// its output open: a helper under sudo, whose environment is another, or one that hangs in the kernel. The call ends all the same, about
/// two seconds after its limit at the latest.
/// </summary>
internal static class AgentCall
{
    public const int OutputLimit = 256 * 1024;
    private static readonly string[] Folders = ["/usr/sbin", "/sbin", "/usr/local/sbin", "/usr/bin", "/usr/lib/fence-agents", "/usr/lib/clp/fence"];

    /// <summary>For the last words of processes that are dead by now; only one that was missed holds a pipe open longer.</summary>
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(1);
    private static long _calls;

    /// <summary>Path of an installed agent; null when it is nowhere.</summary>
    public static string? Find(string agent) => Path.IsPathRooted(agent)
        ? File.Exists(agent) ? agent : null
        : Folders.Select(folder => Path.Combine(folder, agent)).FirstOrDefault(File.Exists);

    /// <param name="path">Program.</param>
    /// <param name="arguments">Command line; empty for agents of the convention.</param>
    /// <param name="options">Lines for standard input.</param>
    public static async Task<AgentResult> RunAsync(
        string path, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string> options, IReadOnlyDictionary<string, string> environment,
        TimeSpan timeout, TimeProvider time, CancellationToken cancellation)
    {
        var secrets = new Secrets(options);
        var mark = string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId}-{Interlocked.Increment(ref _calls)}");
        Process process;
        try
        {
            process = Process.Start(Describe(path, arguments, environment, mark))!;
        }
        catch (Win32Exception failure)
        {
            return new(null, "", $"{path} cannot be started: {failure.Message}");
        }

        using (process)
        {
            using var limit = new CancellationTokenSource(timeout, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
            using var enough = new CancellationTokenSource();
            using var output = process.StandardOutput;
            using var errors = process.StandardError;
            var texts = Task.WhenAll(ReadAsync(output, enough.Token), ReadAsync(errors, enough.Token));
            var late = "";
            try
            {
                await WriteAsync(process.StandardInput, options, either.Token).ConfigureAwait(false);
                await process.WaitForExitAsync(either.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                late = cancellation.IsCancellationRequested ? "stopped on request" : string.Create(CultureInfo.InvariantCulture, $"no end within {timeout.TotalSeconds:0.###} s, killed");
            }

            // After an orderly end too: a helper left behind would hold the pipes open, and could still switch something later.
            var isGone = await ProcessTree.KillAsync(mark, time).ConfigureAwait(false);
            isGone &= await EndsAsync(texts, enough, time).ConfigureAwait(false);
            var (shown, said) = await texts.ConfigureAwait(false) is [var first, var second] ? (secrets.Hide(first), secrets.Hide(second).Trim()) : ("", "");
            cancellation.ThrowIfCancellationRequested();
            if (!isGone)
                late = $"{(late.Length > 0 ? late + ", and " : "")}its processes could not all be killed";
            return late.Length > 0 ? new(null, shown, $"{late}{(said.Length > 0 ? ": " + said : "")}") : new(process.ExitCode, shown, said);
        }
    }

    /// <summary>Waits for the end of the pipes, and ends the reading where they do not.</summary>
    private static async Task<bool> EndsAsync(Task texts, CancellationTokenSource enough, TimeProvider time)
    {
        try
        {
            await texts.WaitAsync(LastWords, time).ConfigureAwait(false);
            return true;
        }
        catch (TimeoutException)
        {
            await enough.CancelAsync().ConfigureAwait(false);
            return false;
        }
    }

    private static ProcessStartInfo Describe(string path, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string> environment, string mark)
    {
        var start = new ProcessStartInfo(path, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = new UTF8Encoding(false),
            WorkingDirectory = "/",
        };
        start.Environment.Clear();
        start.Environment["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
        start.Environment["LC_ALL"] = "C";
        start.Environment["HOME"] = "/";
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        start.Environment[ProcessTree.Variable] = mark;
        return start;
    }

    private static async Task WriteAsync(StreamWriter input, IReadOnlyDictionary<string, string> options, CancellationToken cancellation)
    {
        try
        {
            foreach (var (name, value) in options)
                await input.WriteAsync($"{name}={value}\n".AsMemory(), cancellation).ConfigureAwait(false);
            await input.FlushAsync(cancellation).ConfigureAwait(false);
            input.Close();
        }
        catch (IOException)
        {
            // It does not read its input; its exit code tells what it did.
        }
    }

    /// <summary>Reads to the end, or to where it is enough, and keeps the beginning.</summary>
    private static async Task<string> ReadAsync(StreamReader reader, CancellationToken enough)
    {
        var kept = new StringBuilder();
        var buffer = new char[4096];
        try
        {
            while (await reader.ReadAsync(buffer, enough).ConfigureAwait(false) is > 0 and var length)
                kept.Append(buffer, 0, Math.Min(length, OutputLimit - kept.Length));
        }
        catch (OperationCanceledException)
        {
            // What was read so far is the answer.
        }

        return kept.ToString();
    }
}
