using System.Text;
using ClusterActors.Actors;
using ClusterActors.TestKit;

namespace ClusterActors.Remoting.Tests.Wire;

/// <summary>
/// The bytes of protocol 1, as programs in the field send and expect them. A test that fails here means that servers of two versions
/// no longer understand each other: raise the protocol version instead of changing the expectation.
/// </summary>
public sealed class GoldenBytesTests
{
    private const string HelloV1 =
        """{"MinProtocol":1,"MaxProtocol":1,"Cluster":"c","System":"clp","Server":"server2","Incarnation":"i-2","Session":1,"KnownIncarnation":null,"KnownSession":0,"ReceivedUpTo":0,"ConfigHash":"h2"}""";

    private readonly RecordingTransport _transport = new();
    private readonly TestKitBase _kit = new(name: "clp", configure: o => o with { Server = "server1" });

    public GoldenBytesTests()
    {
        RemoteLinks.Start(_kit.Sys, _transport, TestWire.Current(), new LinkOptions
        {
            Server = "server1",
            Peers = ["server2"],
            Incarnation = "i-1",
            Cluster = "c",
            ConfigHash = "h1",
        });
        _kit.Settle();
        _kit.Advance(TimeSpan.FromMilliseconds(1));
    }

    [Fact]
    public void Hello_must_have_its_bytes()
    {
        const string json = """{"MinProtocol":1,"MaxProtocol":1,"Cluster":"c","System":"clp","Server":"server1","Incarnation":"i-1","Session":1,"KnownIncarnation":null,"KnownSession":0,"ReceivedUpTo":0,"ConfigHash":"h1"}""";
        Assert.Equal([.. BitConverter.GetBytes(json.Length + 1), 1, .. Encoding.UTF8.GetBytes(json)], _transport.Sent[0]);
    }

    [Fact]
    public void Message_must_have_its_bytes()
    {
        BringUp();

        _kit.Sys.Provider.ResolveActorRef("clp://clp@server2/user/a#5").Tell(new Report("web", 7), ActorRefs.NoSender);

        const string expected =
            "41-00-00-00-02-0B-74-65-73-74-2E-72-65-70-6F-72-74-02-00-01-00-1A-00-63-6C-70-3A-2F-2F-63-6C-70-40-73-65-72-76-65-72-32-2F-75-73-65-72-2F-61-23-35-00-00-"
            + "7B-22-47-72-6F-75-70-22-3A-22-77-65-62-22-2C-22-53-74-61-74-65-22-3A-37-7D";
        Assert.Equal(expected.Replace("41-00", $"{_transport.Sent[^1].Length - 4:X2}-00"), BitConverter.ToString(_transport.Sent[^1]));
    }

    [Theory]
    [InlineData(1, 1, """{"Group":"web"}""", -1)]
    [InlineData(2, 1, """{"Group":"web","State":7}""", 7)]
    [InlineData(3, 2, """{"Group":"web","State":7,"Added":"later"}""", 7)]
    [InlineData(3, 3, """{"Group":"web","State":"changed"}""", null)]
    public void Messages_of_older_and_newer_programs_must_be_read(int version, int readableFrom, string json, int? state)
    {
        BringUp();
        _transport.Arrive(Message("test.report", version, readableFrom, json));
        _kit.Settle();

        if (state is { } expected)
        {
            _kit.ExpectMsg(new Report("web", expected));
        }
        else
        {
            _kit.ExpectNoMsg();
        }
    }

    [Fact]
    public void Watch_and_acknowledgement_must_have_their_bytes()
    {
        BringUp();
        var watcher = _kit.Sys.Provider.ToText(_kit.TestActor);

        _kit.Watch(_kit.Sys.Provider.ResolveActorRef("clp://clp@server2/user/a#5"));
        _kit.Settle();

        byte[] body = [3, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 26, 0, .. "clp://clp@server2/user/a#5"u8, (byte)watcher.Length, 0, .. Encoding.UTF8.GetBytes(watcher)];
        Assert.Equal([.. BitConverter.GetBytes(body.Length), .. body], _transport.Sent[^1]);
        _transport.Arrive([3, 1, 0, 0, 0, 0, 0, 0, 0, 3, 1, 26, 0, .. "clp://clp@server2/user/a#5"u8, (byte)watcher.Length, 0, .. Encoding.UTF8.GetBytes(watcher)]);
        Assert.Equal("clp://clp@server2/user/a", _kit.ExpectMsg<Terminated>().ActorRef.Path.ToString());
        Assert.Equal([9, 0, 0, 0, 4, 1, 0, 0, 0, 0, 0, 0, 0], _transport.Sent[^1]);
    }

    [Fact]
    public void Hello_of_a_newer_program_with_more_members_must_be_understood()
    {
        _transport.Arrive([1, .. Encoding.UTF8.GetBytes(HelloV1.Replace("\"MaxProtocol\":1", "\"MaxProtocol\":4,\"Colour\":\"blue\""))]);

        Assert.Null(_transport.Closed);
        _kit.Sys.Provider.ResolveActorRef("clp://clp@server2/user/a").Tell(new Report("x", 1), ActorRefs.NoSender);
        Assert.Equal(2, _transport.Sent[^1][4]);
    }

    [Fact]
    public void Hello_of_a_program_without_a_common_protocol_must_be_refused()
    {
        _transport.Arrive([1, .. Encoding.UTF8.GetBytes(HelloV1.Replace("Protocol\":1", "Protocol\":2"))]);

        Assert.Contains("protocol 2 to 2", _transport.Closed);
        Assert.Equal(6, _transport.Sent[^1][4]);
    }

    [Theory]
    [InlineData(new byte[] { 2, 200, 1, 2 })]
    [InlineData(new byte[] { 3, 1, 0 })]
    [InlineData(new byte[] { 1, (byte)'{' })]
    public void Malformed_frame_must_cut_the_connection(byte[] frame)
    {
        if (frame[0] != 1)
        {
            BringUp();
        }

        _transport.Arrive(frame);

        Assert.NotNull(_transport.Closed);
    }

    private static byte[] Message(string manifest, int version, int readableFrom, string json)
    {
        const string target = "clp://clp@server1/user/testActor";
        return
        [
            2, (byte)manifest.Length, .. Encoding.UTF8.GetBytes(manifest), (byte)version, 0, (byte)readableFrom, 0,
            (byte)target.Length, 0, .. Encoding.UTF8.GetBytes(target), 0, 0, .. Encoding.UTF8.GetBytes(json),
        ];
    }

    private void BringUp()
    {
        _ = _kit.TestActor;
        _transport.Arrive([1, .. Encoding.UTF8.GetBytes(HelloV1)]);
        Assert.Null(_transport.Closed);
    }

    /// <summary>A transport with one connection whose other end is the test.</summary>
    private sealed class RecordingTransport : ILinkTransport, ILinkConnection
    {
        private Action<ReadOnlyMemory<byte>>? _onFrame;

        public List<byte[]> Sent { get; } = [];

        public string? Closed { get; private set; }

        public string Peer => "server2";

        public void Arrive(byte[] frame) => _onFrame!(frame);

        public void Listen(Action<ILinkConnection> onAccepted)
        {
        }

        public Task<ILinkConnection> ConnectAsync(string server, CancellationToken giveUp) =>
            _onFrame is null ? Task.FromResult<ILinkConnection>(this) : Task.FromException<ILinkConnection>(new IOException("only one"));

        public void Start(Action<ReadOnlyMemory<byte>> onFrame, Action<int, ReadOnlyMemory<byte>> onOversize, Action<string> onClosed) => _onFrame = onFrame;

        public bool TrySend(ReadOnlySpan<byte> frame)
        {
            Sent.Add(frame.ToArray());
            return true;
        }

        public void Close(string reason) => Closed = reason;

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
