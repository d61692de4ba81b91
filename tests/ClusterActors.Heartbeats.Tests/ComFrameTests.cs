using ClusterActors.Heartbeats.Com;

namespace ClusterActors.Heartbeats.Tests;

public sealed class ComFrameTests
{
    private static readonly byte[] Beat = [.. Enumerable.Range(1, 184).Select(i => (byte)i)];

    [Fact]
    public void Frame_must_be_found_byte_by_byte()
    {
        var reader = new ComReader();
        byte[] frame = Frame(Beat);
        foreach (byte value in frame.AsSpan(0, frame.Length - 1))
        {
            reader.Add([value]);
            Assert.False(reader.TryTake(out _));
        }

        reader.Add(frame.AsSpan(frame.Length - 1));
        Assert.True(reader.TryTake(out ReadOnlySpan<byte> beat));
        Assert.True(beat.SequenceEqual(Beat));
        Assert.Equal(0, reader.Dropped);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(300)]
    public void Frame_behind_noise_must_be_found(int noise)
    {
        var random = new Random(noise);
        var garbage = new byte[noise];
        random.NextBytes(garbage);
        var reader = new ComReader();
        reader.Add([.. garbage, .. Frame(Beat)]);
        Assert.True(reader.TryTake(out ReadOnlySpan<byte> beat));
        Assert.True(beat.SequenceEqual(Beat));
        Assert.Equal(noise, reader.Dropped);
    }

    /// <summary>The head of a frame whose tail was lost swallows nothing of the next one.</summary>
    [Theory]
    [InlineData(8)]
    [InlineData(50)]
    [InlineData(195)]
    public void Frame_behind_a_cut_off_one_must_be_found(int left)
    {
        var reader = new ComReader();
        reader.Add(Frame(Beat).AsSpan(0, left));
        Assert.False(reader.TryTake(out _));
        byte[] next = [.. Beat.Reverse()];
        reader.Add(Frame(next));
        Assert.True(reader.TryTake(out ReadOnlySpan<byte> beat));
        Assert.True(beat.SequenceEqual(next));
    }

    [Fact]
    public void Damaged_frame_must_be_dropped()
    {
        for (int at = 0; at < Beat.Length + ComFrame.Overhead; at++)
        {
            byte[] damaged = Frame(Beat);
            damaged[at] ^= 0x10;
            var reader = new ComReader();
            reader.Add([.. damaged, .. Frame(Beat)]);
            int found = 0;
            while (reader.TryTake(out ReadOnlySpan<byte> beat))
            {
                Assert.True(beat.SequenceEqual(Beat));
                found++;
            }

            Assert.Equal(1, found);
        }
    }

    [Fact]
    public void Endless_noise_must_not_grow_anything()
    {
        var random = new Random(5);
        var reader = new ComReader();
        var noise = new byte[3000];
        for (int i = 0; i < 200; i++)
        {
            random.NextBytes(noise);
            reader.Add(noise);
            Assert.False(reader.TryTake(out _));
        }

        reader.Add(Frame(Beat));
        Assert.True(reader.TryTake(out ReadOnlySpan<byte> beat));
        Assert.True(beat.SequenceEqual(Beat));
    }

    private static byte[] Frame(byte[] beat)
    {
        var to = new byte[beat.Length + ComFrame.Overhead];
        Assert.Equal(to.Length, ComFrame.Write(beat, to));
        return to;
    }
}
