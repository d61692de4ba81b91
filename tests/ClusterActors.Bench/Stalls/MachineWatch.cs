using System.Text.Json;
using ClusterActors.Bench.Failover;
using ClusterActors.Bench.Probing;
using ClusterActors.Lab;

namespace ClusterActors.Bench.Stalls;

/// <summary>
/// Watches the machine while something is measured on it (<see cref="StallProgram"/>), so that a late beat can be told from a machine
/// that ran nothing.
/// </summary>
internal sealed class MachineWatch : IAsyncDisposable
{
    private readonly RunningCommand _program;

    private MachineWatch(RunningCommand program) => _program = program;

    public static async Task<MachineWatch> StartAsync(Pair pair)
    {
        var watch = new MachineWatch(pair.Lab.Start("client1", Repository.BenchProgram, "stalls"));
        await watch._program.LineAsync("the machine is watched", line => line == "watching", LabCluster.CommandLimit);
        return watch;
    }

    /// <summary>Ends the watch; the stalls it saw, in their order.</summary>
    public async Task<IReadOnlyList<Stall>> FinishAsync()
    {
        _program.EndInput();
        var line = await _program.LineAsync("the machine's stalls", line => line.StartsWith("report ", StringComparison.Ordinal), LabCluster.CommandLimit);
        return JsonSerializer.Deserialize<Stall[]>(line["report ".Length..])!;
    }

    public ValueTask DisposeAsync() => _program.DisposeAsync();
}
