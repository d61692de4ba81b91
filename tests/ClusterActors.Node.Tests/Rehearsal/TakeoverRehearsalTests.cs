using ClusterActors.Model;
using ClusterActors.Node.Rehearsal;

namespace ClusterActors.Node.Tests.Rehearsal;

public sealed class TakeoverRehearsalTests
{
    [Theory]
    [InlineData(PartitionPolicy.TakeOver)]
    [InlineData(PartitionPolicy.Hold)]
    [InlineData(PartitionPolicy.AskArbiters)]
    public Task Play_must_come_to_its_end(PartitionPolicy policy) => TakeoverRehearsal.RunAsync(policy, TimeProvider.System, TestContext.Current.CancellationToken);
}
