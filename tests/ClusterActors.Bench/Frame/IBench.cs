namespace ClusterActors.Bench;

/// <summary>
/// One benchmark. Public or internal classes with a parameterless constructor are found by themselves: a new benchmark is one
/// class in a folder of its subject, and no list names it.
/// </summary>
public interface IBench
{
    /// <summary>Dotted name, subject first, for example <c>actors.ping-pong</c>. <c>dev bench actors</c> runs all that start with it.</summary>
    string Name { get; }

    /// <summary>One line for <c>dev bench list</c>: what is measured and in which unit.</summary>
    string Summary { get; }

    /// <summary>
    /// Measures. Names of the results start with <see cref="Name"/>. Throws <see cref="BenchFailedException"/> when what it watches over was
    /// broken (two servers answered, a probe was lost where none may be): a figure is worth nothing then.
    /// </summary>
    Task<IReadOnlyList<BenchResult>> RunAsync(BenchOptions options, CancellationToken cancellation);
}
