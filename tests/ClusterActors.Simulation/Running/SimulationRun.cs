using System.Diagnostics;
using ClusterActors.Simulation.Checks;
using ClusterActors.Simulation.Faults;
using ClusterActors.Simulation.Machine;

namespace ClusterActors.Simulation.Running;

/// <param name="Failure">The first sentence of the checks, or null.</param>
/// <param name="Simulated">Virtual time of the whole run.</param>
/// <param name="Excused">Overlaps that the policy allows.</param>
internal sealed record RunResult(
    ulong Seed, string? Failure, IReadOnlyList<Fault> Faults, TimeSpan Simulated, long Steps, ulong Digest, int Excused, IReadOnlyList<string> Timeline, TimeSpan Took);

/// <summary>One seed: start, faults, repair, and the checks at the end.</summary>
internal sealed class SimulationRun
{
    private const int StackBytes = 64 * 1024 * 1024;

    private readonly World _world;
    private readonly SimulationOptions _options;
    private readonly IReadOnlyList<Fault> _faults;
    private readonly Administrator _administrator;
    private readonly EndChecks _checks;

    private SimulationRun(SimulationOptions options, ulong seed, IReadOnlyList<Fault> faults, bool withTimeline)
    {
        (_options, _faults) = (options, faults);
        _world = new World(options, seed, withTimeline);
        _administrator = new Administrator(_world);
        _checks = new EndChecks(_world, _administrator);
    }

    /// <summary>
    /// On a thread of its own with much stack: a continuation that finds little stack left is handed to the thread pool, and a run that leaves
    /// its thread is neither repeatable nor safe.
    /// </summary>
    /// <param name="faults">Null: those of the seed.</param>
    public static RunResult Run(SimulationOptions options, ulong seed, IReadOnlyList<Fault>? faults = null, bool withTimeline = false)
    {
        RunResult? result = null;
        Exception? broken = null;
        var thread = new Thread(() =>
        {
            try
            {
                result = RunHere(options, seed, faults, withTimeline);
            }
            catch (Exception e)
            {
                broken = e;
            }
        }, StackBytes);
        thread.Start();
        thread.Join();
        return result ?? throw new InvalidOperationException($"seed {seed}: the simulation itself failed: {broken?.Message}", broken);
    }

    private static RunResult RunHere(SimulationOptions options, ulong seed, IReadOnlyList<Fault>? faults, bool withTimeline)
    {
        long before = Stopwatch.GetTimestamp();
        faults ??= FaultPlan.Make(options, seed);
        var run = new SimulationRun(options, seed, faults, withTimeline);
        try
        {
            run.Go();
        }
        catch (Exception e) when (e is not ProcessKilledException)
        {
            // Code of the product that throws where the real process would die is a finding like any other.
            run._world.Oracle.Fail($"unhandled: {e}");
        }

        World world = run._world;
        return new RunResult(
            seed, world.Oracle.Failure, faults, world.Elapsed, world.Steps, world.Digest, world.Oracle.Excused, world.Timeline, Stopwatch.GetElapsedTime(before));
    }

    private void Go()
    {
        TimeSpan begin = TimeSpan.FromSeconds(20) * Math.Max(1, _options.Scale);
        var chance = _world.ChanceFor("power");
        foreach (SimMachine machine in _world.Machines)
            _world.After(chance.Between(TimeSpan.Zero, TimeSpan.FromSeconds(2)), machine.PowerOn);
        foreach (Fault fault in _faults)
            _world.At(begin + fault.At, () => Begin(fault));
        _world.Run(begin + TimeSpan.FromMinutes(_options.Minutes));
        if (!_world.Oracle.Failed)
            _checks.Run();
    }

    private void Begin(Fault fault)
    {
        _world.Note($"FAULT {fault}");
        Action? end = FaultKinds.Find(fault.Kind).Begin(new FaultSite(_world, fault, _administrator));
        if (end is null)
            return;
        _world.After(fault.Lasts, () =>
        {
            _world.Note($"END {fault}");
            end();
        });
    }
}
