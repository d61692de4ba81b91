using ClusterActors.Bench.Failover;
using ClusterActors.Lab;

namespace ClusterActors.Bench.Soak;

/// <summary>
/// What a busy machine is for the pair: 8 busy loops and two programs that touch 1 GiB each on every server (stress-ng). It ends by
/// itself after its time, and at once when it is disposed.
/// </summary>
internal sealed class Load : IAsyncDisposable
{
    private static readonly TimeSpan EndLimit = TimeSpan.FromMinutes(1);
    private readonly RunningCommand[] _commands;
    private readonly TimeSpan _duration;

    private Load(RunningCommand[] commands, TimeSpan duration) => (_commands, _duration) = (commands, duration);

    /// <summary>Begins on both servers.</summary>
    public static Load Start(Pair pair, TimeSpan duration) => new(
        [.. Pair.Servers.Select(server => pair.Lab.Start(
            server, "stress-ng", "--quiet", "--cpu", "8", "--vm", "2", "--vm-bytes", "1G", "--temp-path", "/tmp", "--timeout", $"{duration.TotalSeconds:F0}s"))],
        duration);

    /// <summary>Waits for its end; fails when it did not run.</summary>
    public async Task EndAsync()
    {
        foreach (var command in _commands)
        {
            if (await command.EndAsync(_duration + EndLimit) != 0)
                throw new BenchFailedException($"the load did not run: {command.Said}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var command in _commands)
            await command.DisposeAsync();
    }
}
