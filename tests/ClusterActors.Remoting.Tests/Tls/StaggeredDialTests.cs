using ClusterActors.TestKit;

namespace ClusterActors.Remoting.Tests.Tls;

/// <summary>Order, pauses and ends of the ways, on virtual time and without sockets.</summary>
public sealed class StaggeredDialTests
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);
    private readonly VirtualTime _time = new();
    private readonly Way[] _ways = [new(), new(), new()];

    [Fact]
    public async Task Ways_must_begin_a_pause_after_each_other()
    {
        var first = FirstAsync();
        Assert.Equal(1, Begun);
        await UntilPausingAsync();
        _time.Advance(Pause - TimeSpan.FromMilliseconds(1));
        Assert.Equal(1, Begun);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        await _ways[1].HasBegun.WaitAsync(Soon);
        Assert.Equal(2, Begun);
        await UntilPausingAsync();
        _time.Advance(Pause);
        await _ways[2].HasBegun.WaitAsync(Soon);

        _ways[1].Succeed();

        Assert.Same(_ways[1].Result, await first);
        Assert.False(_ways[1].Result.IsDisposed);
        Assert.True(_ways[0].IsCancelled && _ways[2].IsCancelled, "the others are cancelled");
    }

    [Fact]
    public async Task Next_way_must_begin_at_once_when_one_has_failed()
    {
        var first = FirstAsync();
        _ways[0].Fail("refused");
        await _ways[1].HasBegun.WaitAsync(Soon);
        Assert.Equal(2, Begun);
        _ways[1].Succeed();
        Assert.Same(_ways[1].Result, await first);
    }

    [Fact]
    public async Task All_failures_must_be_told_when_no_way_leads_there()
    {
        var first = FirstAsync();
        for (var n = 0; n < _ways.Length; n++)
        {
            await _ways[n].HasBegun.WaitAsync(Soon);
            _ways[n].Fail($"refused {n}");
        }

        var failure = await Assert.ThrowsAsync<AggregateException>(() => first);
        Assert.Equal(["refused 0", "refused 1", "refused 2"], failure.InnerExceptions.Select(e => e.Message));
    }

    [Fact]
    public async Task Way_that_succeeds_too_late_must_be_given_back()
    {
        var first = FirstAsync();
        await UntilPausingAsync();
        _time.Advance(Pause);
        await _ways[1].HasBegun.WaitAsync(Soon);
        _ways[0].SucceedsWhenCancelled = true;
        _ways[1].Succeed();

        Assert.Same(_ways[1].Result, await first);
        Assert.True(_ways[0].Result.IsDisposed, "nobody else would close it");
    }

    [Fact]
    public async Task Caller_that_gives_up_must_end_every_way()
    {
        using var giveUp = new CancellationTokenSource();
        var first = FirstAsync(giveUp.Token);
        await giveUp.CancelAsync();
        await Assert.ThrowsAsync<AggregateException>(() => first);
        Assert.All(_ways, way => Assert.True(way.IsCancelled));
    }

    private Task<Connection> FirstAsync(CancellationToken giveUp = default) =>
        StaggeredDial.FirstAsync([.. _ways.Select(way => (Func<CancellationToken, Task<Connection>>)way.BeginAsync)], Pause, _time, giveUp);

    private int Begun => _ways.Count(way => way.HasBegun.IsCompleted);

    /// <summary>Until the pause after the newest way is being counted: only then may the clock move.</summary>
    private async Task UntilPausingAsync()
    {
        for (var tries = 0; _time.UntilNext is null && tries < 1_000_000; tries++)
            await Task.Yield();
        Assert.NotNull(_time.UntilNext);
    }

    private sealed class Connection : IDisposable
    {
        public bool IsDisposed { get; private set; }

        public void Dispose() => IsDisposed = true;
    }

    private sealed class Way
    {
        private readonly TaskCompletionSource<Connection> _end = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task HasBegun => _begun.Task;

        public Connection Result { get; } = new();

        public bool SucceedsWhenCancelled { get; set; }

        public bool IsCancelled { get; private set; }

        public async Task<Connection> BeginAsync(CancellationToken stop)
        {
            using var cancelled = stop.Register(() =>
            {
                IsCancelled = true;
                if (SucceedsWhenCancelled)
                    Succeed();
                else
                    _end.TrySetCanceled(stop);
            });
            _begun.TrySetResult();
            return await _end.Task;
        }

        public void Succeed() => _end.TrySetResult(Result);

        public void Fail(string why) => _end.TrySetException(new IOException(why));
    }
}
