using System.Net;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using ClusterActors.Linux.Time;

namespace ClusterActors.Linux.Sockets;

/// <param name="Local">Address and port to receive on; the address need not exist yet (IP_FREEBIND), beats simply fail until it does.</param>
/// <param name="Device">Interface the packets must come from and leave by (SO_BINDTODEVICE), or null = by routing.</param>
/// <param name="ReceiveBufferBytes">Room for packets that arrive while this process is stalled, so that they can be judged afterwards.</param>
public sealed record UdpBeatSocketOptions(IPEndPoint Local, string? Device = null, int ReceiveBufferBytes = 256 * 1024);

/// <summary>One received beat.</summary>
/// <param name="Length">Bytes written to the caller's buffer.</param>
/// <param name="ReceivedNanoseconds">When the kernel took the packet from the network, in <see cref="BootClock"/> nanoseconds.</param>
/// <param name="StampedByKernel">False: the wall clock jumped or no stamp came, and the time is that of reading.</param>
public readonly record struct BeatDatagram(int Length, NativeEndpoint Source, long ReceivedNanoseconds, bool StampedByKernel);

/// <summary>
/// The socket of a heartbeat channel. Sending and receiving never block and allocate nothing. Packets carry the receive time of the
/// kernel, so that a process that was stalled can tell a peer that was silent from packets that only waited in the queue.
/// The kernel begins to stamp some milliseconds after the first socket asks for it; until then the time is that of reading.
/// One thread sends and one (perhaps another) receives.
/// </summary>
public sealed unsafe class UdpBeatSocket : IDisposable
{
    // The kernel stamps with CLOCK_REALTIME. A change of its distance to CLOCK_BOOTTIME beyond what slewing does between two passes
    // means that somebody set the wall clock, and stamps from before that cannot be converted.
    private const long WallClockStepNanoseconds = 2_000_000;
    private const long QuickReadNanoseconds = 50_000;
    private const int ReadTries = 4;
    private const int ControlBytes = 64;

    // Class selector 6 (network control), the class switches and hosts keep free under load.
    private const int TrafficClass = 0xC0;
    private const int QueuePriority = 6;

    private int _fileDescriptor;
    private long _wallOffset;

    /// <exception cref="LinuxException">The socket could not be bound: port taken, no such interface, or no right to bind to a device.</exception>
    public UdpBeatSocket(UdpBeatSocketOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var local = NativeEndpoint.From(options.Local);
        var family = local.IsIPv4 ? SocketNative.FamilyIPv4 : SocketNative.FamilyIPv6;
        _fileDescriptor = SocketNative.Socket(family, SocketNative.TypeDatagram | SocketNative.NonBlocking | SocketNative.CloseOnExec, 0);
        if (_fileDescriptor < 0)
            throw LinuxException.FromLastError($"socket for {options.Local}");
        try
        {
            Configure(options, local.IsIPv4);
            if (SocketNative.Bind(_fileDescriptor, local.Bytes, local.Length) != 0)
                throw LinuxException.FromLastError($"bind {options.Local}", "another program has the port, or the address is not valid");
        }
        catch
        {
            Dispose();
            throw;
        }

        _wallOffset = WallOffset(out _);
    }

    public int FileDescriptor => _fileDescriptor;

    /// <summary>errno of the last send or receive that failed for another reason than an empty or full queue; 0 when none did.</summary>
    public int LastError { get; private set; }

    /// <summary>Address and port bound to; the port is the kernel's choice when 0 was asked for.</summary>
    public NativeEndpoint LocalEndpoint()
    {
        var result = default(NativeEndpoint);
        uint length = NativeEndpoint.Capacity;
        if (SocketNative.GetSocketName(_fileDescriptor, result.Bytes, &length) != 0)
            throw LinuxException.FromLastError("getsockname of a beat socket");
        result.Length = length;
        return result;
    }

    /// <summary>Returns 0, or the errno: <see cref="Errno.TryAgain"/> and <see cref="Errno.NoBuffers"/> for a full queue, no route, interface down.</summary>
    public int Send(ReadOnlySpan<byte> packet, in NativeEndpoint destination)
    {
        fixed (byte* data = packet)
        fixed (byte* address = destination.Bytes)
        {
            if (SocketNative.SendTo(_fileDescriptor, data, (nuint)packet.Length, SocketNative.MessageDontWait | SocketNative.MessageNoSignal, address, destination.Length) >= 0)
                return 0;
        }

        var error = Marshal.GetLastPInvokeError();
        if (error is not (Errno.TryAgain or Errno.NoBuffers))
            LastError = error;
        return error;
    }

    /// <summary>
    /// Takes the next packet from the queue; false when it is empty (or broken: <see cref="LastError"/>). Packets that do not fit the
    /// buffer are none of ours and are skipped. Call until false before judging a peer silent.
    /// </summary>
    public bool TryReceive(Span<byte> buffer, out BeatDatagram datagram)
    {
        var control = stackalloc byte[ControlBytes];
        fixed (byte* data = buffer)
        {
            while (true)
            {
                var source = default(NativeEndpoint);
                var vector = new IoVector { Base = data, Length = (nuint)buffer.Length };
                var header = new MessageHeader
                {
                    Name = source.Bytes,
                    NameLength = NativeEndpoint.Capacity,
                    Vectors = &vector,
                    VectorCount = 1,
                    Control = control,
                    ControlLength = ControlBytes,
                };
                var length = SocketNative.ReceiveMessage(_fileDescriptor, &header, SocketNative.MessageDontWait);
                if (length < 0)
                {
                    var error = Marshal.GetLastPInvokeError();
                    if (error == Errno.Interrupted)
                        continue;
                    LastError = error == Errno.TryAgain ? LastError : error;
                    datagram = default;
                    return false;
                }

                if ((header.Flags & SocketNative.MessageTruncated) != 0)
                    continue;

                source.Length = header.NameLength;
                var received = ReceiveTime(control, header.ControlLength, out var byKernel);
                datagram = new BeatDatagram((int)length, source, received, byKernel);
                return true;
            }
        }
    }

    public void Dispose()
    {
        var fileDescriptor = Interlocked.Exchange(ref _fileDescriptor, -1);
        if (fileDescriptor >= 0)
            _ = SocketNative.Close(fileDescriptor);
    }

    // The wall clock is read between two readings of the other. Being preempted in there would look like a jump of the wall clock, so
    // a pair that took long is read again.
    private static long WallOffset(out long now)
    {
        var tries = 0;
        while (true)
        {
            var before = BootClock.NowNanoseconds();
            var wall = BootClock.RealtimeNanoseconds();
            now = BootClock.NowNanoseconds();
            if (now - before < QuickReadNanoseconds || ++tries == ReadTries)
                return wall - before - ((now - before) / 2);
        }
    }

    private long ReceiveTime(byte* control, nuint controlLength, out bool byKernel)
    {
        var offset = WallOffset(out var now);
        var stepped = Math.Abs(offset - _wallOffset) > WallClockStepNanoseconds;
        _wallOffset = offset;
        byKernel = false;
        var header = (ControlHeader*)control;
        var needed = (nuint)(sizeof(ControlHeader) + sizeof(TimeSpec));
        if (stepped || controlLength < needed || header->Level != SocketNative.LevelSocket || header->Type != SocketNative.OptionTimestampNanoseconds)
            return now;

        var stamp = Unsafe.ReadUnaligned<TimeSpec>(control + sizeof(ControlHeader)).ToNanoseconds();
        byKernel = true;
        // The two clocks are not read at one instant, so a fresh packet may seem to come from the future by some nanoseconds.
        return Math.Min(now, stamp - offset);
    }

    private void Configure(UdpBeatSocketOptions options, bool ipv4)
    {
        var where = $"beat socket {options.Local}";
        SocketNative.SetInt(_fileDescriptor, SocketNative.LevelSocket, SocketNative.OptionTimestampNanoseconds, 1, where);
        SocketNative.SetInt(_fileDescriptor, SocketNative.LevelSocket, SocketNative.OptionPriority, QueuePriority, where);
        if (ipv4)
        {
            SocketNative.SetInt(_fileDescriptor, SocketNative.LevelIP, SocketNative.OptionIPFreeBind, 1, where);
            SocketNative.SetInt(_fileDescriptor, SocketNative.LevelIP, SocketNative.OptionIPTypeOfService, TrafficClass, where);
        }
        else
        {
            SocketNative.SetInt(_fileDescriptor, SocketNative.LevelIPv6, SocketNative.OptionIPv6Only, 1, where);
            SocketNative.SetInt(_fileDescriptor, SocketNative.LevelIPv6, SocketNative.OptionIPv6FreeBind, 1, where);
            SocketNative.SetInt(_fileDescriptor, SocketNative.LevelIPv6, SocketNative.OptionIPv6TrafficClass, TrafficClass, where);
        }

        var bytes = options.ReceiveBufferBytes;
        // Beyond net.core.rmem_max only with CAP_NET_ADMIN; without it the kernel's limit has to do.
        if (SocketNative.SetOption(_fileDescriptor, SocketNative.LevelSocket, SocketNative.OptionReceiveBufferForce, &bytes, sizeof(int)) != 0)
            SocketNative.SetInt(_fileDescriptor, SocketNative.LevelSocket, SocketNative.OptionReceiveBuffer, bytes, where);

        if (options.Device is { } device)
            BindToDevice(device, where);
    }

    private void BindToDevice(string device, string where)
    {
        var name = Encoding.ASCII.GetBytes(device);
        fixed (byte* start = name)
        {
            if (SocketNative.SetOption(_fileDescriptor, SocketNative.LevelSocket, SocketNative.OptionBindToDevice, start, (uint)name.Length) != 0)
                throw LinuxException.FromLastError($"{where} on device '{device}'", "the interface must exist; see 'ip link'");
        }
    }
}
