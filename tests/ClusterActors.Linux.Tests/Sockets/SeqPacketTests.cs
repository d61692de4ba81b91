using ClusterActors.Linux.Sockets;
using ClusterActors.Linux.Time;

namespace ClusterActors.Linux.Tests.Sockets;

public sealed class SeqPacketTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("clp-seq-").FullName;

    private string SocketPath => Path.Combine(_folder, "guardian.sock");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Frames_must_keep_their_boundaries_and_the_peer_must_be_known()
    {
        using var listener = new SeqPacketListener(SocketPath);
        Assert.Null(listener.TryAccept());
        using var client = SeqPacketConnection.Connect(SocketPath);
        using var server = listener.TryAccept()!;
        var buffer = new byte[16];

        Assert.Equal(FrameReceive.Empty, server.TryReceive(buffer, out _));
        Assert.Equal(FrameSend.Sent, client.TrySend("one"u8));
        Assert.Equal(FrameSend.Sent, client.TrySend("two!"u8));

        Assert.Equal((FrameReceive.Received, 3), (server.TryReceive(buffer, out var first), first));
        Assert.Equal((FrameReceive.Received, 4), (server.TryReceive(buffer, out var second), second));
        Assert.Equal("two!"u8, buffer.AsSpan(0, second));
        Assert.Equal(Environment.ProcessId, server.PeerProcessId);
        Assert.Equal(client.PeerUserId, server.PeerUserId);
    }

    [Fact]
    public void Oversized_frame_must_be_told_and_not_be_cut_silently()
    {
        using var listener = new SeqPacketListener(SocketPath);
        using var client = SeqPacketConnection.Connect(SocketPath);
        using var server = listener.TryAccept()!;
        client.TrySend(new byte[100]);

        Assert.Equal(FrameReceive.Oversized, server.TryReceive(new byte[99], out var length));
        Assert.Equal(0, length);
    }

    [Fact]
    public void Full_peer_must_not_block_the_sender()
    {
        using var listener = new SeqPacketListener(SocketPath);
        using var client = SeqPacketConnection.Connect(SocketPath);
        using var server = listener.TryAccept()!;
        var frame = new byte[4096];

        var sent = 0;
        while (client.TrySend(frame) == FrameSend.Sent && sent < 100_000)
            sent++;
        Assert.InRange(sent, 1, 99_999);
        Assert.Equal(FrameSend.Full, client.TrySend(frame));

        for (var index = 0; index < sent; index++)
            Assert.Equal(FrameReceive.Received, server.TryReceive(frame, out _));
        Assert.Equal(FrameSend.Sent, client.TrySend(frame));
    }

    [Fact]
    public void Closed_peer_must_be_told_to_both_directions()
    {
        using var listener = new SeqPacketListener(SocketPath);
        using var server = Accept(listener, out var client);
        client.Dispose();

        Assert.Equal(FrameReceive.Closed, server.TryReceive(new byte[8], out _));
        Assert.Equal(FrameSend.Closed, server.TrySend("x"u8));
    }

    [Fact]
    public void Socket_must_be_for_its_owner_only_and_replace_a_leftover()
    {
        File.WriteAllText(SocketPath, "left by an earlier life");
        using (new SeqPacketListener(SocketPath))
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(SocketPath));

        Assert.False(File.Exists(SocketPath));
        Assert.Throws<LinuxException>(() => SeqPacketConnection.Connect(SocketPath));
    }

    [Fact]
    public void Path_that_is_too_long_must_be_refused_with_its_length()
    {
        var failure = Assert.Throws<ArgumentException>(() => new SeqPacketListener(Path.Combine(_folder, new string('x', 120))));

        Assert.Contains("at most 107", failure.Message);
    }

    private SeqPacketConnection Accept(SeqPacketListener listener, out SeqPacketConnection client)
    {
        client = SeqPacketConnection.Connect(SocketPath);
        return listener.TryAccept()!;
    }
}
