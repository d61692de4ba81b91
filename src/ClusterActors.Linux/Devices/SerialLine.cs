using System.Runtime.InteropServices;

namespace ClusterActors.Linux.Devices;

/// <summary>
/// A serial device in raw mode: eight bits, no parity, one stop bit, no flow control and no modem lines, so that a cable with three wires
/// does. Reads and writes never block.
/// </summary>
public sealed unsafe class SerialLine : IDisposable
{
    // Bits of c_cflag.
    private const uint EightBits = 0x30;
    private const uint Receiver = 0x80;
    private const uint NoModemLines = 0x800;
    private const uint OtherSpeed = 0x1000;

    // Indices in c_cc.
    private const int TimeIndex = 5;
    private const int MinimumIndex = 6;

    private readonly string _path;
    private int _fileDescriptor;

    private SerialLine(string path, int fileDescriptor) => (_path, _fileDescriptor) = (path, fileDescriptor);

    public int FileDescriptor => _fileDescriptor;

    /// <summary>Opens and claims the device, drops what waits in it, and sets raw mode.</summary>
    /// <param name="speed">Bits a second; any value the hardware takes (BOTHER).</param>
    /// <exception cref="LinuxException">ENOENT, EBUSY (another program has claimed it), ENOTTY (no terminal) and others.</exception>
    public static SerialLine Open(string path, int speed)
    {
        ArgumentNullException.ThrowIfNull(path);
        var fileDescriptor = DeviceNative.Open(
            path, DeviceNative.ReadWrite | DeviceNative.NoControllingTerminal | DeviceNative.NonBlocking | DeviceNative.CloseOnExec, 0);
        if (fileDescriptor < 0)
            throw LinuxException.FromLastError($"open serial line {path}");
        var line = new SerialLine(path, fileDescriptor);
        try
        {
            line.Configure((uint)speed);
            return line;
        }
        catch
        {
            line.Dispose();
            throw;
        }
    }

    /// <summary>Bytes taken by the device, 0 when its queue is full, or the errno, negative.</summary>
    public int Write(ReadOnlySpan<byte> bytes)
    {
        fixed (byte* start = bytes)
            return Outcome(DeviceNative.Write(_fileDescriptor, start, (nuint)bytes.Length));
    }

    /// <summary>Bytes read, 0 when none wait, or the errno, negative. A line that was hung up gives EIO.</summary>
    public int Read(Span<byte> to)
    {
        fixed (byte* start = to)
        {
            var done = DeviceNative.Read(_fileDescriptor, start, (nuint)to.Length);
            return done == 0 ? -Errno.InputOutput : Outcome(done);
        }
    }

    public void Dispose()
    {
        var fileDescriptor = Interlocked.Exchange(ref _fileDescriptor, -1);
        if (fileDescriptor < 0)
            return;
        // What still waits to be sent would hold up the close of some drivers for half a minute.
        _ = DeviceNative.Control(fileDescriptor, DeviceNative.FlushTerminal, (void*)DeviceNative.FlushBoth);
        _ = DeviceNative.Close(fileDescriptor);
    }

    private static int Outcome(nint done)
    {
        if (done >= 0)
            return (int)done;
        var error = Marshal.GetLastPInvokeError();
        return error is Errno.TryAgain or Errno.Interrupted ? 0 : -error;
    }

    private void Configure(uint speed)
    {
        var settings = default(TerminalSettings);
        if (DeviceNative.Control(_fileDescriptor, DeviceNative.GetTerminal, &settings) != 0)
            throw LinuxException.FromLastError($"serial line {_path}", "it is no terminal device");
        settings.Input = 0;
        settings.Output = 0;
        settings.Local = 0;
        settings.Control = EightBits | Receiver | NoModemLines | OtherSpeed;
        settings.InputSpeed = settings.OutputSpeed = speed;
        // Then a read that finds nothing says so, and 0 bytes mean that the line was hung up.
        settings.Characters[TimeIndex] = 0;
        settings.Characters[MinimumIndex] = 1;
        if (DeviceNative.Control(_fileDescriptor, DeviceNative.SetTerminal, &settings) != 0)
            throw LinuxException.FromLastError($"serial line {_path} at {speed} bits a second", "the hardware may not have this speed");
        if (DeviceNative.Control(_fileDescriptor, DeviceNative.SetExclusive, null) != 0)
            throw LinuxException.FromLastError($"claim serial line {_path}");
        _ = DeviceNative.Control(_fileDescriptor, DeviceNative.FlushTerminal, (void*)DeviceNative.FlushBoth);
    }
}
