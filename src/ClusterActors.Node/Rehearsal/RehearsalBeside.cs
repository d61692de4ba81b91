using ClusterActors.Linux.Process;
using ClusterActors.Model;
using Serilog;

namespace ClusterActors.Node.Rehearsal;

/// <summary>Plays <see cref="TakeoverRehearsal"/> beside the running daemon, once, a little after its start. Nothing waits for it, and nothing depends on how it ends.</summary>
internal sealed class RehearsalBeside : IAsyncDisposable
{
    // A daemon that was started anew has to adopt what runs first.
    private static readonly TimeSpan After = TimeSpan.FromSeconds(2);
    private readonly CancellationTokenSource _end = new();
    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(2);
    private readonly TimeProvider _time;
    private readonly Task _playing;

    private RehearsalBeside(PartitionPolicy policy, TimeProvider time, ILogger logger) => (_time, _playing) = (time, PlayAsync(policy, time, logger));

    public static RehearsalBeside Begin(PartitionPolicy policy, TimeProvider time, ILogger logger) => new(policy, time, logger);

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync().ConfigureAwait(false);
        await Task.WhenAny(_playing, Task.Delay(EndLimit, _time)).ConfigureAwait(false);
    }

    private async Task PlayAsync(PartitionPolicy policy, TimeProvider time, ILogger logger)
    {
        try
        {
            await Task.Delay(After, time, _end.Token).ConfigureAwait(false);
            var began = time.GetTimestamp();
            await TakeoverRehearsal.RunAsync(policy, time, _end.Token).ConfigureAwait(false);
            // The start and the play have left garbage that an idle daemon would keep for hours.
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            NativeHeap.GiveBack();
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
