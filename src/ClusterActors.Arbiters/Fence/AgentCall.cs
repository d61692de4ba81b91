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
/// counts as failed: a timeout is an assumption, not a proof.
/// </summary>
internal static class AgentCall
{
    public const int OutputLimit = 256 * 1024;
    private static readonly string[] Folders = ["/usr/sbin", "/sbin", "/usr/local/sbin", "/usr/bin", "/usr/lib/fence-agents", "/usr/lib/clp/fence"];
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
            var output = ReadAsync(process.StandardOutput);
            var errors = ReadAsync(process.StandardError);
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
            var isGone = ProcessTree.Kill(mark);
            var texts = await Task.WhenAll(output, errors).ConfigureAwait(false);
            cancellation.ThrowIfCancellationRequested();
            var said = secrets.Hide(texts[1]).Trim();
            if (!isGone)
                late = $"{late}, and its processes could not all be killed".TrimStart(',', ' ');
            return late.Length > 0 ? new(null, secrets.Hide(texts[0]), $"{late}{(said.Length > 0 ? ": " + said : "")}") : new(process.ExitCode, secrets.Hide(texts[0]), said);
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

    /// <summary>Reads to the end, keeps the beginning.</summary>
    private static async Task<string> ReadAsync(StreamReader reader)
    {
        var kept = new StringBuilder();
        var buffer = new char[4096];
        while (await reader.ReadAsync(buffer).ConfigureAwait(false) is > 0 and var length)
            kept.Append(buffer, 0, Math.Min(length, OutputLimit - kept.Length));
        return kept.ToString();
    }
}
