using System.Net;
using System.Net.Sockets;
using ClusterActors.Linux.Net;

namespace ClusterActors.Linux.Tests.Net;

public sealed class SocketDestroyerTests
{
    [Fact]
    public void Sockets_bound_to_a_released_address_must_end_and_others_stay()
    {
        using var network = PairNetwork.Create();
        network.AddFloatingAddresses();
        foreach (var address in (IPAddress[])[PairNetwork.Floating4, PairNetwork.Floating6])
        {
            using var released = network.Server.Run(() => Listen(address));
            using var kept = network.Server.Run(() => Listen(address.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Loopback : IPAddress.IPv6Loopback));
            using var datagrams = network.Server.Run(() => new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp));
            network.Server.Run(() => datagrams.Bind(new IPEndPoint(address, 0)));
            var done = network.Server.Run(() => SocketDestroyer.DestroyBoundTo(address));
            Assert.SkipUnless(done.Supported, done.Detail);
            Assert.Equal(2, done.Destroyed);
            Assert.Equal(0, network.Server.Run(() => SocketDestroyer.DestroyBoundTo(address)).Destroyed);
            Assert.Throws<SocketException>(() => network.Server.Run(() => Connect((IPEndPoint)released.LocalEndPoint!)));
            network.Server.Run(() => Connect((IPEndPoint)kept.LocalEndPoint!));
        }
    }

    [Fact]
    public void Established_connection_must_break_at_once_when_the_address_is_released()
    {
        using var network = PairNetwork.Create();
        network.AddFloatingAddresses();
        using var listener = network.Server.Run(() => Listen(PairNetwork.Floating4));
        using var client = network.Client.Run(() => Connect((IPEndPoint)listener.LocalEndPoint!, keep: true))!;
        using var accepted = listener.Accept();
        var done = network.Server.Run(() => SocketDestroyer.DestroyBoundTo(PairNetwork.Floating4));
        Assert.SkipUnless(done.Supported, done.Detail);
        var failure = Assert.Throws<SocketException>(() => accepted.Receive(new byte[1]));
        Assert.Equal(SocketError.ConnectionAborted, failure.SocketErrorCode);
    }

    private static Socket Listen(IPAddress address)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { ReceiveTimeout = 5000 };
        socket.Bind(new IPEndPoint(address, 0));
        socket.Listen();
        return socket;
    }

    private static Socket? Connect(IPEndPoint to, bool keep = false)
    {
        var socket = new Socket(to.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Connect(to);
            if (keep) return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
        socket.Dispose();
        return null;
    }
}
