using System.Runtime.InteropServices;
using System.Text;

namespace ClusterActors.Linux.Watchdog;

/// <summary>
/// A hardware watchdog (Linux watchdog-api): once opened, the machine is reset unless it is fed within its timeout. It is fed by a write,
/// and stops only when it is closed after the letter V ("magic close"); a process that dies without it leaves a reset behind. A plain file
/// is taken as a stand-in that resets nothing: <see cref="IsStandIn"/>. One thread at a time.
/// </summary>
public sealed unsafe partial class WatchdogDevice : IDisposable
{
    private const nuint SetTimeout = 0xC0045706;
    private const nuint GetSupport = 0x80285700;
    private const uint CanMagicClose = 0x0100;
    private const int NoTerminal = 25;
    private const int OpenWriteOnly = 0x1;
    private const int OpenCloseOnExec = 0x80000;
    private const int IdentityOffset = 8;
    private const int SupportBytes = 40;
    private int _file;

    private WatchdogDevice(string path, int file) => (Path, _file) = (path, file);

    public string Path { get; }

    /// <summary>What the driver made of the timeout that was asked for; whole seconds.</summary>
    public TimeSpan Timeout { get; private set; }

    /// <summary>The driver's name of itself.</summary>
    public string Identity { get; private set; } = "";

    /// <summary>False: once opened, nothing but feeding keeps this machine from its reset (nowayout).</summary>
    public bool StopsOnClose { get; private set; }

    /// <summary>No watchdog device: for tests.</summary>
    public bool IsStandIn { get; private set; }

    /// <summary>Opens and arms it; from now on it wants to be fed.</summary>
    /// <param name="timeout">Rounded up to whole seconds.</param>
    /// <exception cref="LinuxException">It is not there or in use, or its driver cannot be set to a timeout of at least this length; it is closed again then.</exception>
    public static WatchdogDevice Open(string path, TimeSpan timeout)
    {
        var file = OpenFile(path, OpenWriteOnly | OpenCloseOnExec);
        if (file < 0)
            throw LinuxException.FromLastError($"watchdog {path}", "load the driver (softdog where there is no hardware), end whoever else uses it, or remove cluster.watchdog");
        var device = new WatchdogDevice(path, file);
        try
        {
            device.Configure((int)Math.Ceiling(timeout.TotalSeconds));
            return device;
        }
        catch
        {
            device.CloseInOrder();
            throw;
        }
    }

    /// <summary>Starts its time anew. Returns 0 or the errno.</summary>
    public int Feed() => Write((byte)'\n');

    /// <summary>Stops it, where the driver allows that, and closes it.</summary>
    public void CloseInOrder()
    {
        _ = Write((byte)'V');
        Dispose();
    }

    /// <summary>Closes it without stopping it: the machine is reset when its time is over, unless it is opened and fed again before.</summary>
    public void Dispose()
    {
        var file = Interlocked.Exchange(ref _file, -1);
        if (file >= 0)
            _ = CloseFile(file);
    }

    private void Configure(int seconds)
    {
        var support = stackalloc byte[SupportBytes];
        if (Control(_file, GetSupport, support) != 0)
        {
            if (Marshal.GetLastPInvokeError() != NoTerminal)
                throw LinuxException.FromLastError($"watchdog {Path}: what it can do");
            (IsStandIn, StopsOnClose, Identity, Timeout) = (true, true, "no watchdog device, a stand-in that resets nothing", TimeSpan.FromSeconds(seconds));
            return;
        }

        StopsOnClose = (*(uint*)support & CanMagicClose) != 0;
        Identity = Encoding.ASCII.GetString(new ReadOnlySpan<byte>(support + IdentityOffset, SupportBytes - IdentityOffset)).TrimEnd('\0');
        var value = seconds;
        if (Control(_file, SetTimeout, &value) != 0)
            throw LinuxException.FromLastError($"watchdog {Path} ({Identity}): timeout of {seconds} s", "choose a cluster.watchdog-timeout that the driver supports");
        if (value < seconds)
            throw new LinuxException($"watchdog {Path} ({Identity}): timeout of {seconds} s was asked for, the driver made it {value} s; choose a cluster.watchdog-timeout that it supports", 0);
        Timeout = TimeSpan.FromSeconds(value);
    }

    private int Write(byte value)
    {
        const int badDescriptor = 9;
        if (_file < 0)
            return badDescriptor;
        return WriteFile(_file, &value, 1) == 1 ? 0 : Marshal.GetLastPInvokeError();
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenFile(string path, int flags, int mode = 0);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint WriteFile(int file, byte* data, nuint length);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int Control(int file, nuint request, void* argument);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int CloseFile(int file);
}
