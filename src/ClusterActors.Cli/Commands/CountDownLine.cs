namespace ClusterActors.Cli.Commands;

/// <summary>
/// Lines of a running command with a count-down below them: rewritten each second on a terminal, a line each minute elsewhere.
/// </summary>
internal sealed class CountDownLine(CliHost host) : IDisposable
{
    private const string EraseLine = "\r\u001b[K";
    private readonly Lock _gate = new();
    private bool _shown;

    /// <summary>Prints a line; may be called from any thread.</summary>
    public void Say(string line)
    {
        lock (_gate)
        {
            Erase();
            host.Out.WriteLine(line);
            host.Out.Flush();
        }
    }

    /// <summary>Counts down until it is cancelled or the time is over.</summary>
    public async Task CountAsync(TimeSpan length, Func<string> what, CancellationToken cancellation)
    {
        var since = host.Time.GetTimestamp();
        var step = host.OutIsTerminal ? TimeSpan.FromSeconds(1) : TimeSpan.FromMinutes(1);
        try
        {
            for (var left = length; left > TimeSpan.Zero; left = length - host.Time.GetElapsedTime(since))
            {
                Show($"{what()}, {(int)left.TotalMinutes}:{left.Seconds:00} left");
                await Task.Delay(step, host.Time, cancellation).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // the wait it counts for is over
        }

        Dispose();
    }

    public void Dispose()
    {
        lock (_gate)
            Erase();
    }

    private void Show(string line)
    {
        if (!host.OutIsTerminal)
        {
            Say(line);
            return;
        }

        lock (_gate)
        {
            Erase();
            host.Out.Write(line);
            host.Out.Flush();
            _shown = true;
        }
    }

    private void Erase()
    {
        if (_shown)
            host.Out.Write(EraseLine);
        _shown = false;
    }
}
