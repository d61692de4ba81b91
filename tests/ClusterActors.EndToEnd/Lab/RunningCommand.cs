using System.Collections.Concurrent;
using System.Diagnostics;
using System.Threading.Channels;

namespace ClusterActors.Lab;

/// <summary>A command that runs while the story goes on, such as a probe on a client. Ended, by its id, when disposed.</summary>
public sealed class RunningCommand : IAsyncDisposable
{
    private readonly Process _process;
    private readonly string _command;
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();
    private readonly ConcurrentQueue<string> _all = new();

    internal RunningCommand(string program, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        _command = $"{Path.GetFileName(program)} {string.Join(' ', start.ArgumentList)}";
        _process = new Process { StartInfo = start, EnableRaisingEvents = true };
        _process.OutputDataReceived += (_, line) => OnLine(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>Everything said so far, errors included.</summary>
    public string Said => string.Join('\n', _all);

    public bool HasEnded => _process.HasExited;

    /// <summary>Next line of output that satisfies <paramref name="wanted"/>; lines before it are passed over.</summary>
    /// <exception cref="LabException">None came within the limit, or the command ended.</exception>
    public async Task<string> LineAsync(string what, Func<string, bool> wanted, TimeSpan limit)
    {
        using var late = new CancellationTokenSource(limit);
        try
        {
            await foreach (var line in _lines.Reader.ReadAllAsync(late.Token))
            {
                if (wanted(line))
                    return line;
            }
        }
        catch (OperationCanceledException)
        {
            throw new LabException($"{what}: not said by '{_command}' within {limit.TotalSeconds:F1} s; it said:\n{Said}");
        }

        throw new LabException($"{what}: '{_command}' ended before; it said:\n{Said}");
    }

    /// <summary>Ends standard input, which programs that read it take as the sign to finish.</summary>
    public void EndInput() => _process.StandardInput.Close();

    /// <summary>Waits for the end. Exit code, then.</summary>
    public async Task<int> EndAsync(TimeSpan limit)
    {
        using var late = new CancellationTokenSource(limit);
        try
        {
            await _process.WaitForExitAsync(late.Token);
            return _process.ExitCode;
        }
        catch (OperationCanceledException)
        {
            throw new LabException($"'{_command}' did not end within {limit.TotalSeconds:F1} s; it said:\n{Said}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private void OnLine(string? line)
    {
        Keep(line);
        if (line is null)
            _lines.Writer.TryComplete();
        else
            _lines.Writer.TryWrite(line);
    }

    private void Keep(string? line)
    {
        if (line is not null)
            _all.Enqueue(line);
    }
}
