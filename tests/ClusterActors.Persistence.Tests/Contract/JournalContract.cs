using System.Text;

namespace ClusterActors.Persistence.Tests.Contract;

/// <summary>What every journal promises (R-PA11, R-PA16, D7); each store runs the same tests.</summary>
public abstract class JournalContract
{
    private const string Id = "rc-group-web";

    protected abstract IJournal Journal { get; }

    [Fact]
    public async Task Journal_must_report_highest_zero_when_the_id_is_unknown()
    {
        var page = await Journal.ReadAsync(Id, 1, long.MaxValue, 10);

        Assert.Empty(page.Events);
        Assert.Equal(0, page.HighestSequenceNr);
        Assert.True(page.Complete);
    }

    [Fact]
    public async Task Journal_must_return_events_in_order_and_unchanged()
    {
        var claim = await Write(5);

        var page = await Journal.ReadAsync(Id, 1, long.MaxValue, 100);

        Assert.Equal(new[] { 1L, 2, 3, 4, 5 }, page.Events.Select(e => e.SequenceNr));
        Assert.Equal(Text(3), Encoding.UTF8.GetString(page.Events[2].Form.Json.Span));
        Assert.Equal("test.thing", page.Events[2].Form.Manifest);
        Assert.Equal(7, page.Events[2].Form.Version);
        Assert.Equal(Event(3).At, page.Events[2].At);
        Assert.Equal(1, claim.Epoch);
    }

    [Theory]
    [InlineData(1, 5, 100, new long[] { 1, 2, 3, 4, 5 })]
    [InlineData(3, long.MaxValue, 100, new long[] { 3, 4, 5 })]
    [InlineData(1, 3, 100, new long[] { 1, 2, 3 })]
    [InlineData(2, 4, 100, new long[] { 2, 3, 4 })]
    [InlineData(2, 2, 100, new long[] { 2 })]
    [InlineData(1, 5, 2, new long[] { 1, 2 })]
    [InlineData(2, 5, 3, new long[] { 2, 3, 4 })]
    [InlineData(4, 2, 100, new long[0])]
    [InlineData(6, 100, 100, new long[0])]
    [InlineData(1, 5, 0, new long[0])]
    public async Task Journal_must_keep_to_bounds_and_count_when_reading(long from, long to, int max, long[] expected)
    {
        await Write(5);

        var page = await Journal.ReadAsync(Id, from, to, max);

        Assert.Equal(expected, page.Events.Select(e => e.SequenceNr));
        Assert.Equal(5, page.HighestSequenceNr);
        Assert.True(page.Complete);
    }

    [Fact]
    public async Task Journal_must_say_that_more_is_left_when_a_page_does_not_hold_all()
    {
        await Write(1200);
        var seen = new List<long>();
        var pages = 0;
        EventPage page;
        do
        {
            page = await Journal.ReadAsync(Id, seen.Count + 1, long.MaxValue, int.MaxValue);
            seen.AddRange(page.Events.Select(e => e.SequenceNr));
            pages++;
        }
        while (!page.Complete);

        Assert.Equal(Enumerable.Range(1, 1200).Select(n => (long)n), seen);
        Assert.InRange(pages, 2, 10);
    }

    [Fact]
    public async Task Journal_must_keep_streams_apart()
    {
        var other = await Journal.ClaimAsync("other");
        await Write(3);
        await Journal.WriteAsync("other", other.Epoch, [Event(1)]);

        Assert.Equal(3, (await Journal.ReadAsync(Id, 1, long.MaxValue, 0)).HighestSequenceNr);
        Assert.Single((await Journal.ReadAsync("other", 1, long.MaxValue, 10)).Events);
    }

    [Fact]
    public async Task Journal_must_refuse_the_older_writer_when_a_second_one_has_claimed()
    {
        var first = await Write(2);
        var second = await Journal.ClaimAsync(Id);
        Assert.Equal(2, second.HighestSequenceNr);
        Assert.True(second.Epoch > first.Epoch);

        var refusal = await Assert.ThrowsAsync<JournalException>(() => Journal.WriteAsync(Id, first.Epoch, [Event(3)]));

        Assert.Equal(JournalFault.WriterReplaced, refusal.Fault);
        Assert.Equal(Id, refusal.PersistenceId);
        await Journal.WriteAsync(Id, second.Epoch, [Event(3)]);
        Assert.Equal(3, (await Journal.ReadAsync(Id, 1, long.MaxValue, 0)).HighestSequenceNr);
    }

    [Fact]
    public async Task Journal_must_store_nothing_of_a_write_that_does_not_continue_the_stream()
    {
        var claim = await Write(2);

        var gap = await Assert.ThrowsAsync<JournalException>(() => Journal.WriteAsync(Id, claim.Epoch, [Event(4), Event(5)]));
        var again = await Assert.ThrowsAsync<JournalException>(() => Journal.WriteAsync(Id, claim.Epoch, [Event(2), Event(3)]));

        Assert.Equal(JournalFault.Refused, gap.Fault);
        Assert.Equal(JournalFault.Refused, again.Fault);
        Assert.Equal(2, (await Journal.ReadAsync(Id, 1, long.MaxValue, 100)).Events.Count);
    }

    [Fact]
    public async Task Journal_must_refuse_a_writer_that_never_claimed()
    {
        var refusal = await Assert.ThrowsAsync<JournalException>(() => Journal.WriteAsync(Id, 1, [Event(1)]));

        Assert.Equal(JournalFault.WriterReplaced, refusal.Fault);
    }

    [Fact]
    public async Task Journal_must_refuse_a_write_with_a_hole_before_it_is_queued()
    {
        var claim = await Journal.ClaimAsync(Id);

        await Assert.ThrowsAsync<ArgumentException>(() => Journal.WriteAsync(Id, claim.Epoch, [Event(1), Event(3)]));
        await Assert.ThrowsAsync<ArgumentException>(() => Journal.WriteAsync(Id, claim.Epoch, []));
    }

    [Fact]
    public async Task Journal_must_not_lose_the_highest_number_when_all_events_are_deleted()
    {
        var claim = await Write(5);

        await Journal.DeleteToAsync(Id, claim.Epoch, 5);

        var page = await Journal.ReadAsync(Id, 1, long.MaxValue, 100);
        Assert.Empty(page.Events);
        Assert.Equal(5, page.HighestSequenceNr);
        Assert.Equal(5, page.DeletedToSequenceNr);
        Assert.Equal(5, (await Journal.ClaimAsync(Id)).HighestSequenceNr);
    }

    [Fact]
    public async Task Journal_must_delete_up_to_the_number_and_nothing_above()
    {
        var claim = await Write(5);

        await Journal.DeleteToAsync(Id, claim.Epoch, 3);
        await Journal.DeleteToAsync(Id, claim.Epoch, 2);

        var page = await Journal.ReadAsync(Id, 1, long.MaxValue, 100);
        Assert.Equal(new long[] { 4, 5 }, page.Events.Select(e => e.SequenceNr));
        Assert.Equal(3, page.DeletedToSequenceNr);
    }

    [Fact]
    public async Task Journal_must_delete_nothing_when_asked_to_delete_beyond_the_end()
    {
        var claim = await Write(5);

        var refusal = await Assert.ThrowsAsync<JournalException>(() => Journal.DeleteToAsync(Id, claim.Epoch, 6));

        Assert.Equal(JournalFault.Refused, refusal.Fault);
        Assert.Equal(5, (await Journal.ReadAsync(Id, 1, long.MaxValue, 100)).Events.Count);
    }

    [Fact]
    public async Task Journal_must_not_let_a_replaced_writer_delete()
    {
        var old = await Write(5);
        await Journal.ClaimAsync(Id);

        var refusal = await Assert.ThrowsAsync<JournalException>(() => Journal.DeleteToAsync(Id, old.Epoch, 5));

        Assert.Equal(JournalFault.WriterReplaced, refusal.Fault);
        Assert.Equal(5, (await Journal.ReadAsync(Id, 1, long.MaxValue, 100)).Events.Count);
    }

    [Fact]
    public async Task Journal_must_serve_each_writer_rightly_when_many_write_at_once()
    {
        var claims = await Task.WhenAll(Enumerable.Range(0, 40).Select(n => Journal.ClaimAsync($"many-{n}")));
        var stale = Journal.WriteAsync("many-7", claims[7].Epoch + 1, [Event(1)]);

        var writes = Enumerable.Range(0, 40).Select(n => WriteInTurn($"many-{n}", claims[n].Epoch)).ToList();
        await Task.WhenAll(writes);

        Assert.Equal(JournalFault.WriterReplaced, (await Assert.ThrowsAsync<JournalException>(() => stale)).Fault);
        foreach (var n in Enumerable.Range(0, 40))
        {
            var page = await Journal.ReadAsync($"many-{n}", 1, long.MaxValue, 100);
            Assert.Equal(Enumerable.Range(1, 30).Select(i => (long)i), page.Events.Select(e => e.SequenceNr));
        }
    }

    protected static JournalEvent Event(long n) => new(
        n,
        new StoredForm("test.thing", 7, Encoding.UTF8.GetBytes(Text(n))),
        DateTimeOffset.UnixEpoch.AddSeconds(n));

    protected static string Text(long n) => $"{{\"value\":\"thing {n} äöü\"}}";

    private async Task WriteInTurn(string id, long epoch)
    {
        for (var first = 1; first <= 30; first += 3)
        {
            await Journal.WriteAsync(id, epoch, [Event(first), Event(first + 1), Event(first + 2)]);
        }
    }

    private async Task<WriterClaim> Write(int count)
    {
        var claim = await Journal.ClaimAsync(Id);
        await Journal.WriteAsync(Id, claim.Epoch, Enumerable.Range(1, count).Select(n => Event(n)).ToList());
        return claim;
    }
}
