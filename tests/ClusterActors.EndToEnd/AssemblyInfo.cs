// Each test has a lab of its own and waits most of the time. More than two at once would fill two cores with daemons that must keep their beats; what
// measures times is in AloneCollection.
[assembly: CollectionBehavior(MaxParallelThreads = 2)]
[assembly: TestCollectionOrderer(typeof(ClusterActors.EndToEnd.LongestFirst))]
