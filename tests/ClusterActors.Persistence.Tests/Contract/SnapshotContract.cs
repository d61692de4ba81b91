using System.Text;

namespace ClusterActors.Persistence.Tests.Contract;

/// <summary>What every snapshot store promises (R-PA15, R-PA16).</summary>
public abstract class SnapshotContract
{
    private const string Id = "rc-group-web";

    protected abstract ISnapshotStore Snapshots { get; }

    [Fact]
    public async Task Snapshots_must_yield_none_when_the_id_is_unknown()
    {
        var selection = await Snapshots.LoadAsync(Id, SnapshotCriteria.Latest);

        Assert.Null(selection.Snapshot);
        Assert.Empty(selection.Broken);
    }

    [Fact]
    public async Task Snapshots_must_yield_the_newest_unchanged()
    {
        await SaveThree();

        var newest = (await Snapshots.LoadAsync(Id, SnapshotCriteria.Latest)).Snapshot;

        Assert.NotNull(newest);
        Assert.Equal(30, newest.SequenceNr);
        Assert.Equal("state-30", Encoding.UTF8.GetString(newest.Form.Json.Span));
        Assert.Equal(At(30), newest.At);
    }

    [Fact]
    public async Task Snapshots_must_yield_the_newest_that_fits_number_and_time()
    {
        await SaveThree();

        Assert.Equal(20, (await Snapshots.LoadAsync(Id, SnapshotCriteria.Latest with { MaxSequenceNr = 29 })).Snapshot?.SequenceNr);
        Assert.Equal(10, (await Snapshots.LoadAsync(Id, SnapshotCriteria.Latest with { MaxTime = At(19) })).Snapshot?.SequenceNr);
        Assert.Null((await Snapshots.LoadAsync(Id, SnapshotCriteria.Latest with { MaxSequenceNr = 9 })).Snapshot);
        Assert.Null((await Snapshots.LoadAsync(Id, SnapshotCriteria.None)).Snapshot);
        Assert.Null((await Snapshots.LoadAsync("other", SnapshotCriteria.Latest)).Snapshot);
    }

    [Fact]
    public async Task Snapshots_must_replace_one_of_the_same_number()
    {
        await SaveThree();

        await Snapshots.SaveAsync(Id, Snapshot(30) with { Form = new StoredForm("test.state", 2, Encoding.UTF8.GetBytes("better")) });

        var newest = (await Snapshots.LoadAsync(Id, SnapshotCriteria.Latest)).Snapshot;
        Assert.Equal("better", Encoding.UTF8.GetString(newest!.Form.Json.Span));
        Assert.Equal(2, newest.Form.Version);
    }

    [Fact]
    public async Task Snapshots_must_delete_those_that_fit_and_no_other()
    {
        await SaveThree();

        await Snapshots.DeleteAsync(Id, new SnapshotCriteria(20, DateTimeOffset.MaxValue, 15));
        Assert.Equal(10, (await Snapshots.LoadAsync(Id, SnapshotCriteria.Latest with { MaxSequenceNr = 29 })).Snapshot?.SequenceNr);

        await Snapshots.DeleteAsync(Id, SnapshotCriteria.Latest);
        Assert.Null((await Snapshots.LoadAsync(Id, SnapshotCriteria.Latest)).Snapshot);
    }

    private static DateTimeOffset At(long n) => DateTimeOffset.UnixEpoch.AddHours(n);

    private static StoredSnapshot Snapshot(long n) => new(n, new StoredForm("test.state", 1, Encoding.UTF8.GetBytes($"state-{n}")), At(n));

    private async Task SaveThree()
    {
        foreach (var n in new[] { 20, 10, 30 })
        {
            await Snapshots.SaveAsync(Id, Snapshot(n));
        }
    }
}
