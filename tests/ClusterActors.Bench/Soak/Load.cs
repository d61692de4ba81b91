using ClusterActors.Bench.Failover;
using ClusterActors.Lab;

namespace ClusterActors.Bench.Soak;

/// <summary>
/// What a busy machine is for the pair: 8 busy loops and two programs that touch 1 GiB each on every server (stress-ng). It goes on until it is disposed: its end,
/// when the machine takes back gigabytes at once, is not what is measured. By itself it ends a while after the time for which it is wanted.
/// </summary>
internal sealed class Load : IAsyncDisposable
{
    private static readonly TimeSpan Longer = TimeSpan.FromMinutes(3);
    private readonly RunningCommand[] _commands;

    private Load(RunningCommand[] commands) => _commands = commands;

    /// <summary>Begins on both servers.</summary>
    /// <param name="wanted">At least so long.</param>
    public static Load Start(Pair pair, TimeSpan wanted) => new([.. Pair.Servers.Select(server => pair.Lab.Start(
        server, "stress-ng", "--quiet", "--cpu", "8", "--vm", "2", "--vm-bytes", "1G", "--temp-path", "/tmp", "--timeout", $"{(wanted + Longer).TotalSeconds:F0}s"))]);

    /// <summary>Fails when it is not there any more: then what was measured was not under load.</summary>
    public void DemandItStillRuns()
    {
        if (_commands.FirstOrDefault(command => command.HasEnded) is { } ended)
            throw new BenchFailedException($"the load did not run to the end: {ended.Said}");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var command in _commands)
            await command.DisposeAsync();
    }
}
