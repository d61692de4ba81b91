using System.Security.Cryptography;
using ClusterActors.Model.Voting;

namespace ClusterActors.Model.Tests.Voting;

public sealed class WitnessCodecTests
{
    private static readonly Guid Cluster = new("00112233-4455-6677-8899-aabbccddeeff");
    private static readonly Guid Store = new("0f0e0d0c-0b0a-0908-0706-050403020100");
    private static readonly byte[] Key = [.. Enumerable.Range(1, 32).Select(i => (byte)i)];

    private static WitnessRequest Request => new()
    {
        Sender = 1,
        ServerCount = 2,
        Flags = WitnessRequestFlags.Register,
        VowWantedMilliseconds = 2000,
        Incarnation = new Incarnation(0x1122334455667788, 9),
        Sequence = 1000,
        Term = new Term(5, 1),
        BaseTerm = new Term(4, 0),
        ExcludedServers = 1,
        CandidateTerm = new Term(6, 1),
        CandidateExcluded = 0x10,
        CandidateProven = 0x20,
        KnownStoreId = Store,
        KnownEpoch = 77,
    };

    private static WitnessAnswer Answer => new()
    {
        Receiver = 1,
        Verdict = WitnessVerdict.OpenVow,
        VowMilliseconds = 2000,
        Incarnation = new Incarnation(0x1122334455667788, 9),
        Sequence = 1000,
        Term = new Term(5, 1),
        VoteTerm = new Term(6, 3),
        RetryAfterMilliseconds = 1500,
        StoreId = Store,
        Epoch = 78,
        Registered = 3,
    };

    [Fact]
    public void Request_must_have_the_golden_bytes_of_version_1()
    {
        var bytes = new byte[WitnessCodec.RequestSize];
        using var codec = new WitnessCodec(Cluster, Key);
        codec.Write(Request, bytes);
        Assert.Equal(
            "434C5751" + "0100" + "9800" + "33221100554477668899AABBCCDDEEFF"
            + "01" + "02" + "0200" + "D0070000" + "8877665544332211" + "09000000" + "01000000" + "E803000000000000"
            + "0500000000000000" + "01" + "00" + "01" + "00" + "10000000" + "0400000000000000" + "0600000000000000" + "20000000" + "00000000"
            + "0C0D0E0F0A0B08090706050403020100" + "4D00000000000000",
            Convert.ToHexString(bytes.AsSpan(0, 120)));
        Assert.Equal(HMACSHA256.HashData(Key, bytes.AsSpan(0, 120)), bytes[120..]);
    }

    [Fact]
    public void Answer_must_have_the_golden_bytes_of_version_1()
    {
        var bytes = new byte[WitnessCodec.AnswerSize];
        using var codec = new WitnessCodec(Cluster, Key);
        codec.Write(Answer, bytes);
        Assert.Equal(
            "434C5741" + "0100" + "8800" + "33221100554477668899AABBCCDDEEFF"
            + "01" + "15" + "01" + "03" + "D0070000" + "8877665544332211" + "09000000" + "03000000" + "E803000000000000"
            + "0500000000000000" + "0600000000000000" + "0C0D0E0F0A0B08090706050403020100" + "4E00000000000000" + "DC050000" + "00000000",
            Convert.ToHexString(bytes.AsSpan(0, 104)));
        Assert.Equal(HMACSHA256.HashData(Key, bytes.AsSpan(0, 104)), bytes[104..]);
    }

    [Fact]
    public void Both_must_come_back_equal_when_written_and_read()
    {
        var bytes = new byte[WitnessCodec.RequestSize];
        using var codec = new WitnessCodec(Cluster, Key);
        codec.Write(Request, bytes);
        Assert.Equal(WitnessRefusal.None, codec.Read(bytes, out WitnessRequest request));
        Assert.Equal(Request, request);
        Assert.True(WitnessCodec.TryReadCluster(bytes, out Guid cluster));
        Assert.Equal(Cluster, cluster);

        codec.Write(Answer, bytes);
        Assert.Equal(WitnessRefusal.None, codec.Read(bytes.AsSpan(0, WitnessCodec.AnswerSize), 1, out WitnessAnswer answer));
        Assert.Equal(Answer, answer);
        Assert.False(WitnessCodec.TryReadCluster(bytes, out _));
    }

    [Fact]
    public void Both_must_be_refused_when_any_bit_is_changed()
    {
        var request = new byte[WitnessCodec.RequestSize];
        var answer = new byte[WitnessCodec.AnswerSize];
        using var codec = new WitnessCodec(Cluster, Key);
        codec.Write(Request, request);
        codec.Write(Answer, answer);
        EachBit(request, () => Assert.NotEqual(WitnessRefusal.None, codec.Read(request, out WitnessRequest _)));
        EachBit(answer, () => Assert.NotEqual(WitnessRefusal.None, codec.Read(answer, 1, out WitnessAnswer _)));
        Assert.Equal(WitnessRefusal.None, codec.Read(request, out WitnessRequest _));
        Assert.Equal(WitnessRefusal.None, codec.Read(answer, 1, out WitnessAnswer _));
    }

    [Fact]
    public void Both_must_be_refused_when_size_key_cluster_or_receiver_differ()
    {
        var request = new byte[WitnessCodec.RequestSize + 1];
        var answer = new byte[WitnessCodec.AnswerSize];
        using var codec = new WitnessCodec(Cluster, Key);
        using var otherKey = new WitnessCodec(Cluster, new byte[32]);
        using var otherCluster = new WitnessCodec(Guid.Empty, Key);
        codec.Write(Request, request);
        codec.Write(Answer, answer);
        ReadOnlySpan<byte> whole = request.AsSpan(0, WitnessCodec.RequestSize);
        Assert.Equal(WitnessRefusal.Forged, otherKey.Read(whole, out WitnessRequest _));
        Assert.Equal(WitnessRefusal.OtherCluster, otherCluster.Read(whole, out WitnessRequest _));
        Assert.Equal(WitnessRefusal.NotForUs, codec.Read(request, out WitnessRequest _));
        Assert.Equal(WitnessRefusal.NotForUs, codec.Read(whole[..^1], out WitnessRequest _));
        Assert.Equal(WitnessRefusal.NotForUs, codec.Read([], out WitnessRequest _));
        Assert.Equal(WitnessRefusal.Forged, otherKey.Read(answer, 1, out WitnessAnswer _));
        Assert.Equal(WitnessRefusal.OtherCluster, otherCluster.Read(answer, 1, out WitnessAnswer _));
        Assert.Equal(WitnessRefusal.NotForUs, codec.Read(answer, 0, out WitnessAnswer _));
        Assert.Equal(WitnessRefusal.NotForUs, codec.Read(whole, 1, out WitnessAnswer _));
    }

    [Theory]
    [InlineData(2, 2, 0)]
    [InlineData(0, 33, 0)]
    [InlineData(0, 2, 32)]
    public void Request_must_be_refused_when_an_index_cannot_be(byte sender, byte servers, byte termServer)
    {
        var bytes = new byte[WitnessCodec.RequestSize];
        using var codec = new WitnessCodec(Cluster, Key);
        WitnessRequest request = Request with { Sender = sender, ServerCount = servers, Term = new Term(1, termServer) };
        codec.Write(request, bytes);
        Assert.Equal(WitnessRefusal.NotForUs, codec.Read(bytes, out WitnessRequest _));
    }

    [Fact]
    public void Writing_and_reading_must_allocate_nothing()
    {
        var bytes = new byte[WitnessCodec.RequestSize];
        using var codec = new WitnessCodec(Cluster, Key);
        WitnessRequest request = Request;
        WitnessAnswer answer = Answer;
        void Once()
        {
            codec.Write(in request, bytes);
            codec.Read(bytes, out WitnessRequest _);
            codec.Write(in answer, bytes);
            codec.Read(bytes.AsSpan(0, WitnessCodec.AnswerSize), 1, out WitnessAnswer _);
        }

        for (int i = 0; i < 100; i++)
            Once();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
            Once();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static void EachBit(byte[] bytes, Action check)
    {
        for (int bit = 0; bit < bytes.Length * 8; bit++)
        {
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            check();
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }
}
