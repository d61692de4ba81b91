using ClusterActors.Heartbeats.Disk;

namespace ClusterActors.Heartbeats.Tests;

public sealed class DiskFormatTests
{
    private static readonly byte[] Beat = [.. Enumerable.Range(1, 184).Select(i => (byte)i)];

    [Fact]
    public void Header_must_come_back_as_written()
    {
        var header = new DiskHeader(new Guid("00112233-4455-6677-8899-aabbccddeeff"), DiskLayout.Slots, 1_700_000_000);
        var page = new byte[DiskLayout.PageSize];
        header.Write(page);
        Assert.Equal(header, DiskHeader.Read(page, out string problem));
        Assert.Equal("", problem);
    }

    [Theory]
    [InlineData(0, "no heartbeat partition")]
    [InlineData(8, "version")]
    [InlineData(17, "damaged")]
    [InlineData(4095, "damaged")]
    public void Header_with_a_wrong_byte_must_be_refused_with_the_reason(int at, string reason)
    {
        var page = new byte[DiskLayout.PageSize];
        new DiskHeader(Guid.NewGuid(), DiskLayout.Slots, 1).Write(page);
        page[at] ^= 0x55;
        Assert.Null(DiskHeader.Read(page, out string problem));
        Assert.Contains(reason, problem, StringComparison.Ordinal);
    }

    /// <summary>Every receiver finds its own beat, in the page that the layout names, and nobody else's.</summary>
    [Fact]
    public void Slot_must_serve_all_32_receivers()
    {
        var pages = new byte[DiskLayout.SlotSize];
        for (int page = 0; page < DiskLayout.PagesPerSlot; page++)
            DiskPage.Begin(pages.AsSpan(page * DiskLayout.PageSize), 3, page);
        for (int receiver = 0; receiver < 32; receiver++)
            DiskPage.Put(pages.AsSpan(DiskLayout.PageOf(receiver) * DiskLayout.PageSize, DiskLayout.PageSize), receiver, Enumerable.Repeat((byte)receiver, DiskPage.MaxBeat).ToArray());
        for (int page = 0; page < DiskLayout.PagesPerSlot; page++)
            DiskPage.Seal(pages.AsSpan(page * DiskLayout.PageSize, DiskLayout.PageSize));
        for (int receiver = 0; receiver < 32; receiver++)
        {
            ReadOnlySpan<byte> beat = DiskPage.Take(pages.AsSpan(DiskLayout.PageOf(receiver) * DiskLayout.PageSize), 3, receiver);
            Assert.Equal(DiskPage.MaxBeat, beat.Length);
            Assert.Equal(-1, beat.IndexOfAnyExcept((byte)receiver));
        }
    }

    [Fact]
    public void Damaged_torn_or_foreign_page_must_give_no_beat()
    {
        byte[] page = PageWith(Beat);
        Assert.True(DiskPage.Take(page, 1, 0).SequenceEqual(Beat));
        Assert.True(DiskPage.Take(page, 2, 0).IsEmpty);
        Assert.True(DiskPage.Take(new byte[DiskLayout.PageSize], 1, 0).IsEmpty);
        foreach (int at in new[] { 0, 5, 6, 9, 64, 200, 4095 })
        {
            byte[] damaged = [.. page];
            damaged[at] ^= 1;
            Assert.True(DiskPage.Take(damaged, 1, 0).IsEmpty, $"byte {at}");
        }

        byte[] newer = PageWith([.. Beat.Reverse()]);
        byte[] torn = [.. newer[..128], .. page[128..]];
        Assert.True(DiskPage.Take(torn, 1, 0).IsEmpty);
    }

    /// <summary>The slot of a server that died before this reader started must not look like life.</summary>
    [Fact]
    public void First_look_at_a_slot_must_not_count_as_a_beat()
    {
        var memory = new SlotMemory();
        Assert.False(memory.IsNew(4, Beat));
        Assert.False(memory.IsNew(4, Beat));
        byte[] next = [.. Beat.Reverse()];
        Assert.True(memory.IsNew(4, next));
        Assert.False(memory.IsNew(4, next));
        Assert.False(memory.IsNew(4, default));
        Assert.False(memory.IsNew(4, next));
        Assert.False(memory.IsNew(5, next));
    }

    /// <summary>An empty slot that is written for the first time while it is watched is life.</summary>
    [Fact]
    public void First_beat_in_a_slot_that_was_empty_before_must_count()
    {
        var memory = new SlotMemory();
        Assert.False(memory.IsNew(4, default));
        Assert.True(memory.IsNew(4, Beat));
    }

    private static byte[] PageWith(byte[] beat)
    {
        var page = new byte[DiskLayout.PageSize];
        DiskPage.Begin(page, 1, 0);
        DiskPage.Put(page, 0, beat);
        DiskPage.Seal(page);
        return page;
    }
}
