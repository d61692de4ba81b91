using ClusterActors.EndToEnd.Partition;
using Xunit.Sdk;
using Xunit.v3;

namespace ClusterActors.EndToEnd;

/// <summary>
/// Classes run beside each other: one of two minutes that began last would keep one core waiting for it. They are told from the short to the long ones, since
/// the runner begins with the newest of its tasks.
/// </summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    private static readonly string[] Longest =
        [nameof(WitnessedFaultTests), nameof(WitnessTests), nameof(PartitionTests), nameof(ChannelTests), nameof(FenceTests), nameof(ClockTests), nameof(StoreTests)];

    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(IReadOnlyCollection<TTestCollection> testCollections)
        where TTestCollection : ITestCollection => [.. testCollections.OrderByDescending(RankOf).ThenBy(collection => collection.TestCollectionDisplayName, StringComparer.Ordinal)];

    private static int RankOf<TTestCollection>(TTestCollection collection)
        where TTestCollection : ITestCollection
    {
        var rank = Array.FindIndex(Longest, name => collection.TestCollectionDisplayName.Contains($".{name} ", StringComparison.Ordinal));
        return rank < 0 ? Longest.Length : rank;
    }
}
