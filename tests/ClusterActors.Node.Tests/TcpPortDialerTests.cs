using System.Net;
using System.Net.Sockets;
using ClusterActors.Node.Composition;
using ClusterActors.TestKit;

namespace ClusterActors.Node.Tests;

/// <summary>The real dialler on loopback.</summary>
public sealed class TcpPortDialerTests : IDisposable
{
    private static readonly IPAddress From = IPAddress.Parse("127.0.0.3");
    private readonly VirtualTime _time = new();
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    public TcpPortDialerTests() => _listener.Bind(new IPEndPoint(IPAddress.Parse("127.0.0.2"), 0));

    private IPEndPoint To => (IPEndPoint)_listener.LocalEndPoint!;

    public void Dispose() => _listener.Dispose();

    [Fact]
    public async Task Port_must_count_as_reached_from_the_address_asked_and_the_connection_end_without_a_byte()
    {
        _listener.Listen();
        Assert.Null(await new TcpPortDialer(_time).TryAsync(From, To));
        using var accepted = await _listener.AcceptAsync();
        Assert.Equal(From, ((IPEndPoint)accepted.RemoteEndPoint!).Address);
        Assert.Equal(0, await accepted.ReceiveAsync(new byte[1]));
    }

    [Fact]
    public async Task Port_where_nobody_listens_must_be_refused() =>
        Assert.Equal("connection refused", await new TcpPortDialer(_time).TryAsync(From, To));

    [Fact]
    public async Task Own_address_that_is_not_here_must_be_named() =>
        Assert.Equal("192.0.2.1 is not an address of this server now", await new TcpPortDialer(_time).TryAsync(IPAddress.Parse("192.0.2.1"), To));

    [Fact]
    public async Task Port_that_does_not_answer_must_be_given_up_after_two_seconds()
    {
        // A listener whose queue is full drops what comes, as a firewall does.
        _listener.Listen(0);
        using var first = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await first.ConnectAsync(To);
        var dialled = new TcpPortDialer(_time).TryAsync(From, To);
        _time.Advance(TimeSpan.FromSeconds(1.9));
        Assert.False(dialled.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.Equal("no answer within 2 s", await dialled);
    }
}
