namespace ClusterActors.Bench;

/// <summary>What the caller asked for; a benchmark takes what has a meaning for it and ignores the rest.</summary>
public sealed record BenchOptions
{
    /// <summary><c>--profile</c>: heartbeat profile (default, fast, instant, ...). Null: the benchmark's own choice, or all of them.</summary>
    public string? Profile { get; init; }

    /// <summary><c>--runs</c>: how often the measured thing is repeated. Null: the benchmark's own number.</summary>
    public int? Runs { get; init; }

    /// <summary><c>--seconds</c>: length of a measurement that runs for a time. Null: the benchmark's own length.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary><c>--parallel</c>: all profiles at the same time, each in a lab of its own (soaks).</summary>
    public bool Parallel { get; init; }

    /// <summary><c>--load</c>: beside busy loops and memory pressure on both servers (daemon.restart).</summary>
    public bool Load { get; init; }

    /// <summary>Where progress lines go; results are printed by the frame.</summary>
    public Action<string> Log { get; init; } = static _ => { };
}
