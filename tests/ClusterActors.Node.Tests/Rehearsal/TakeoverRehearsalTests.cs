using ClusterActors.Node.Rehearsal;

namespace ClusterActors.Node.Tests.Rehearsal;

public sealed class TakeoverRehearsalTests
{
    [Fact]
    public Task Play_must_come_to_its_end() => TakeoverRehearsal.RunAsync(TimeProvider.System, TestContext.Current.CancellationToken);
}
