namespace ClusterActors.Remoting;

/// <summary>
/// Several ways to the same end, the preferred one first: each begins a pause after the one before it, or as soon as one has failed. The first
/// that succeeds is kept, the others are cancelled, and none is under way any more when this ends.
/// </summary>
/// <remarks>As RFC 8305 (Happy Eyeballs) does with addresses: one that leads nowhere costs the pause, not its whole time limit.</remarks>
internal static class StaggeredDial
{
    /// <param name="ways">Each ends soon after its token is cancelled; that, or their own limits, bounds the whole.</param>
    /// <exception cref="AggregateException">All failed; in the order in which they did.</exception>
    public static async Task<T> FirstAsync<T>(IReadOnlyList<Func<CancellationToken, Task<T>>> ways, TimeSpan pause, TimeProvider time, CancellationToken giveUp)
        where T : IDisposable
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(giveUp);
        var (begun, underWay, failures) = (0, new List<Task<T>>(), new List<Exception>());
        while (begun < ways.Count || underWay.Count > 0)
        {
            if (begun < ways.Count)
            {
                underWay.Add(ways[begun++](enough.Token));
            }

            await AnyAsync(underWay, begun < ways.Count ? pause : Timeout.InfiniteTimeSpan, time).ConfigureAwait(false);
            if (underWay.Find(way => way.IsCompletedSuccessfully) is { } first)
            {
                await enough.CancelAsync().ConfigureAwait(false);
                await EndAsync(underWay.Where(way => way != first)).ConfigureAwait(false);
                return await first.ConfigureAwait(false);
            }

            failures.AddRange(underWay.Where(way => way.IsCompleted).Select(Cause));
            underWay.RemoveAll(way => way.IsCompleted);
        }

        throw new AggregateException(failures);
    }

    private static async Task AnyAsync<T>(List<Task<T>> underWay, TimeSpan pause, TimeProvider time)
    {
        using var ended = new CancellationTokenSource();
        await Task.WhenAny([.. underWay, Task.Delay(pause, time, ended.Token)]).ConfigureAwait(false);
        await ended.CancelAsync().ConfigureAwait(false);
    }

    /// <summary>Waits for the losers, which were cancelled; one that succeeded all the same is given back.</summary>
    private static async Task EndAsync<T>(IEnumerable<Task<T>> losers)
        where T : IDisposable
    {
        foreach (var loser in losers)
        {
            await ((Task)loser).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (loser.IsCompletedSuccessfully)
            {
                (await loser.ConfigureAwait(false)).Dispose();
            }
        }
    }

    private static Exception Cause<T>(Task<T> failed) => failed.Exception?.InnerException ?? new OperationCanceledException("given up");
}
