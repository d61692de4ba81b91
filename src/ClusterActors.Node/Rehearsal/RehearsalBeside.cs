using Serilog;

namespace ClusterActors.Node.Rehearsal;

/// <summary>Plays <see cref="TakeoverRehearsal"/> beside the running daemon, once, a little after its start. Nothing waits for it, and nothing depends on how it ends.</summary>
internal sealed class RehearsalBeside : IAsyncDisposable
{
    // A daemon that was started anew has to adopt what runs first.
    private static readonly TimeSpan After = TimeSpan.FromMilliseconds(300);
    private readonly CancellationTokenSource _end = new();
    private readonly Task _playing;

    private RehearsalBeside(TimeProvider time, ILogger logger) => _playing = PlayAsync(time, logger);

    public static RehearsalBeside Begin(TimeProvider time, ILogger logger) => new(time, logger);

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync().ConfigureAwait(false);
        await _playing.ConfigureAwait(false);
        _end.Dispose();
    }

    private async Task PlayAsync(TimeProvider time, ILogger logger)
    {
        try
        {
            await Task.Delay(After, time, _end.Token).ConfigureAwait(false);
            var began = time.GetTimestamp();
            await TakeoverRehearsal.RunAsync(time, _end.Token).ConfigureAwait(false);
            logger.Information("takeover rehearsed in {Milliseconds:0} ms", time.GetElapsedTime(began).TotalMilliseconds);
        }
        catch (OperationCanceledException) when (_end.IsCancellationRequested)
        {
            // The daemon ends.
        }
        catch (Exception failure)
        {
            // The first real takeover is slower then by what a rehearsal gains, and nothing else.
            logger.Warning(failure, "the rehearsal of a takeover did not come to its end");
        }
    }
}
