using ClusterActors.Heartbeats.Lan;
using ClusterActors.Model;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Heartbeats.Tests;

public sealed class BeatCodecTests
{
    private static readonly Guid Cluster = new("00112233-4455-6677-8899-aabbccddeeff");
    private static readonly byte[] Key = [.. Enumerable.Range(1, 32).Select(i => (byte)i)];

    private static Beat Example => new()
    {
        Sender = 1,
        Receiver = 0,
        Network = 2,
        Daemon = DaemonState.Restarting,
        DaemonSinceMilliseconds = 1500,
        Incarnation = new Incarnation(0x1122334455667788, 9),
        Sequence = 1000,
        SendTime = 123456789,
        Term = new Term(5, 1),
        BaseTerm = new Term(4, 0),
        ExcludedServers = 1,
        Flags = GuardianFlags.DownAndClean | GuardianFlags.Leaving,
        AnsweredIncarnation = new Incarnation(0x99, 3),
        AnsweredSequence = 77,
        VowMilliseconds = 2000,
        ConfigHash = 0xDEADBEEF,
    };

    private static Beat ExampleWithVotes => Example with
    {
        WithVotes = true,
        CandidateTerm = new Term(0x0102030405060708, 1),
        CandidateExcluded = 0x11,
        CandidateProven = 0x10,
        VotedTerm = new Term(6, 31),
    };

    private static byte[] Row => [.. Enumerable.Range(0, 32).Select(i => (byte)i)];

    [Fact]
    public void Beat_must_have_the_golden_bytes_of_version_1()
    {
        var bytes = new byte[BeatCodec.SizeWithoutVotes];
        using var codec = new BeatCodec(Cluster, Key);
        codec.Write(Example, Row, bytes);
        Assert.Equal(
            "434C4842" + "0100" + "B800" + "33221100554477668899AABBCCDDEEFF" + "01" + "00" + "02" + "02"
            + "8877665544332211" + "09000000" + "E803000000000000" + "15CD5B0700000000"
            + "0500000000000000" + "01" + "00" + "0600" + "DC050000" + "01000000"
            + "0400000000000000" + "00" + "000000" + "9900000000000000" + "03000000" + "D0070000" + "4D00000000000000"
            + "EFBEADDE00000000" + Convert.ToHexString(Row),
            Convert.ToHexString(bytes.AsSpan(0, 152)));
        byte[] mac = System.Security.Cryptography.HMACSHA256.HashData(Key, bytes.AsSpan(0, 152));
        Assert.Equal(Convert.ToHexString(mac), Convert.ToHexString(bytes.AsSpan(152)));
    }

    [Fact]
    public void Beat_with_votes_must_have_the_golden_bytes_of_version_2()
    {
        var bytes = new byte[BeatCodec.Size];
        var first = new byte[BeatCodec.SizeWithoutVotes];
        using var codec = new BeatCodec(Cluster, Key);
        Assert.Equal(216, codec.Write(ExampleWithVotes, Row, bytes));
        codec.Write(Example, Row, first);
        Assert.Equal("434C4842" + "0200" + "D800", Convert.ToHexString(bytes.AsSpan(0, 8)));
        Assert.Equal(Convert.ToHexString(first.AsSpan(8, 144)), Convert.ToHexString(bytes.AsSpan(8, 144)));
        Assert.Equal(
            "0807060504030201" + "01" + "000000" + "11000000" + "10000000" + "1F" + "000000" + "0600000000000000",
            Convert.ToHexString(bytes.AsSpan(152, 32)));
        byte[] mac = System.Security.Cryptography.HMACSHA256.HashData(Key, bytes.AsSpan(0, 184));
        Assert.Equal(Convert.ToHexString(mac), Convert.ToHexString(bytes.AsSpan(184)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Beat_must_come_back_equal_when_written_and_read(bool withVotes)
    {
        var bytes = new byte[withVotes ? BeatCodec.Size : BeatCodec.SizeWithoutVotes];
        using var codec = new BeatCodec(Cluster, Key);
        codec.Write(withVotes ? ExampleWithVotes : Example, Row, bytes);
        Assert.Equal(BeatRefusal.None, codec.Read(bytes, 0, 2, out Beat back));
        Assert.Equal(withVotes ? new Term(6, 31) : Term.Zero, back.VotedTerm);
        var again = new byte[bytes.Length];
        codec.Write(back, Row, again);
        Assert.Equal(bytes, again);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Beat_must_be_refused_when_any_bit_is_changed(bool withVotes)
    {
        var bytes = new byte[withVotes ? BeatCodec.Size : BeatCodec.SizeWithoutVotes];
        using var codec = new BeatCodec(Cluster, Key);
        codec.Write(withVotes ? ExampleWithVotes : Example, Row, bytes);
        for (int bit = 0; bit < bytes.Length * 8; bit++)
        {
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.NotEqual(BeatRefusal.None, codec.Read(bytes, 0, 2, out _));
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
        }

        Assert.Equal(BeatRefusal.None, codec.Read(bytes, 0, 2, out _));
    }

    [Fact]
    public void Beat_must_be_refused_when_size_key_cluster_receiver_or_network_differ()
    {
        var bytes = new byte[BeatCodec.SizeWithoutVotes + 1];
        using var codec = new BeatCodec(Cluster, Key);
        codec.Write(Example, Row, bytes);
        ReadOnlySpan<byte> beat = bytes.AsSpan(0, BeatCodec.SizeWithoutVotes);
        using var otherKey = new BeatCodec(Cluster, new byte[32]);
        using var otherCluster = new BeatCodec(Guid.Empty, Key);
        Assert.Equal(BeatRefusal.Forged, otherKey.Read(beat, 0, 2, out _));
        Assert.Equal(BeatRefusal.OtherCluster, otherCluster.Read(beat, 0, 2, out _));
        Assert.Equal(BeatRefusal.NotForUs, codec.Read(beat, 3, 2, out _));
        Assert.Equal(BeatRefusal.NotForUs, codec.Read(beat, 0, 1, out _));
        Assert.Equal(BeatRefusal.NotForUs, codec.Read(bytes, 0, 2, out _));
        Assert.Equal(BeatRefusal.NotForUs, codec.Read(beat[..^1], 0, 2, out _));
        Assert.Equal(BeatRefusal.NotForUs, codec.Read([], 0, 2, out _));
    }

    [Fact]
    public void Writing_and_reading_a_beat_must_allocate_nothing()
    {
        var bytes = new byte[BeatCodec.Size];
        using var codec = new BeatCodec(Cluster, Key);
        Beat beat = ExampleWithVotes;
        byte[] row = Row;
        for (int i = 0; i < 100; i++)
        {
            codec.Write(in beat, row, bytes);
            codec.Read(bytes, 0, 2, out _);
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            codec.Write(in beat, row, bytes);
            codec.Read(bytes, 0, 2, out _);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
