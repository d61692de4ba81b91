// Each test has a lab of its own, but two cores are soon full of daemons that must keep their beats: one at a time.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
