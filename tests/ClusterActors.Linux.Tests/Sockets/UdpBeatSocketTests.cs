using System.Net;
using System.Text;
using ClusterActors.Linux.Sockets;
using ClusterActors.Linux.Time;

namespace ClusterActors.Linux.Tests.Sockets;

public sealed class UdpBeatSocketTests
{
    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public void Packet_must_arrive_with_its_source_and_the_kernels_receive_time(string address)
    {
        using var sender = Open(address);
        using var receiver = Open(address);
        var target = receiver.LocalEndpoint();
        var buffer = new byte[64];

        // The kernel begins to stamp some time after the first socket asks for it; a packet without a stamp gets that of reading.
        long before, sent;
        BeatDatagram datagram;
        var tries = 0;
        do
        {
            before = BootClock.NowNanoseconds();
            Assert.Equal(0, sender.Send("hello"u8, target));
            sent = BootClock.NowNanoseconds();
            // The packet waits in the queue, as in a process that was stalled: its time must still be that of arrival.
            AbsoluteSleep.Until(sent + 30_000_000);
            Assert.True(receiver.TryReceive(buffer, out datagram));
        }
        while (datagram.ReceivedNanoseconds > sent + 5_000_000 && ++tries < 20);

        Assert.Equal("hello", Encoding.ASCII.GetString(buffer, 0, datagram.Length));
        Assert.Equal(sender.LocalEndpoint(), datagram.Source);
        Assert.True(datagram.StampedByKernel);
        Assert.InRange(datagram.ReceivedNanoseconds, before - 1_000_000, sent + 5_000_000);
        Assert.False(receiver.TryReceive(buffer, out _));
        Assert.Equal(0, receiver.LastError);
    }

    [Fact]
    public void Packet_larger_than_the_buffer_must_be_skipped()
    {
        using var sender = Open("127.0.0.1");
        using var receiver = Open("127.0.0.1");
        var target = receiver.LocalEndpoint();
        sender.Send(new byte[200], target);
        sender.Send("ok"u8, target);

        Assert.True(receiver.TryReceive(new byte[64], out var datagram));

        Assert.Equal(2, datagram.Length);
    }

    [Fact]
    public void Sending_and_receiving_must_not_allocate()
    {
        using var socket = Open("127.0.0.1");
        var target = socket.LocalEndpoint();
        var buffer = new byte[64];
        using var poll = new PollSet(2);
        var slot = poll.Add(socket.FileDescriptor);
        var received = 0;
        void Round()
        {
            socket.Send("beat"u8, target);
            poll.WaitUntil(BootClock.NowNanoseconds() + 1_000_000_000);
            if ((poll[slot] & PollEvents.Readable) != 0)
            {
                while (socket.TryReceive(buffer, out var datagram))
                    received += datagram.Source == target ? 1 : 0;
            }
        }

        Round();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var round = 0; round < 200; round++)
            Round();

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.Equal(201, received);
    }

    [Fact]
    public void Socket_must_bind_to_an_address_that_is_not_there_yet_and_report_failed_sends()
    {
        // 192.0.2.0/24 is for documentation and on no interface.
        using var socket = new UdpBeatSocket(new UdpBeatSocketOptions(new IPEndPoint(IPAddress.Parse("192.0.2.77"), 0)));

        var error = socket.Send("x"u8, NativeEndpoint.From(new IPEndPoint(IPAddress.Parse("255.255.255.255"), 9)));

        Assert.NotEqual(0, error);
        Assert.Equal(error, socket.LastError);
    }

    [Fact]
    public void Socket_must_refuse_an_unknown_device_by_name()
    {
        var failure = Assert.Throws<LinuxException>(
            () => new UdpBeatSocket(new UdpBeatSocketOptions(new IPEndPoint(IPAddress.Loopback, 0), Device: "no-such-dev")));

        Assert.Contains("no-such-dev", failure.Message);
    }

    [Theory]
    [InlineData("10.1.2.3", 29002)]
    [InlineData("2001:db8::7", 1)]
    [InlineData("fe80::1%3", 65535)]
    public void Endpoint_must_survive_its_native_form(string address, int port)
    {
        var endpoint = new IPEndPoint(IPAddress.Parse(address), port);
        var native = NativeEndpoint.From(endpoint);

        Assert.Equal(endpoint, native.ToEndPoint());
        Assert.Equal(native, NativeEndpoint.From(endpoint));
        Assert.NotEqual(native, NativeEndpoint.From(new IPEndPoint(endpoint.Address, port - 1)));
    }

    private static UdpBeatSocket Open(string address) => new(new UdpBeatSocketOptions(new IPEndPoint(IPAddress.Parse(address), 0)));
}
