using System.Runtime.InteropServices;
using ClusterActors.Linux.Devices;

namespace ClusterActors.Bench.Probing;

/// <summary>
/// A serial cable between two servers of a lab: two pseudo terminals whose far ends are joined here. Prints their names in one line and
/// obeys its input: "cut" drops what is sent from now on, "heal" ends that, "noise" sends both ends bytes that are no beats; ends at the end
/// of input.
/// </summary>
internal static unsafe partial class CableProgram
{
    private const int ReadWriteNoTerminal = 0x102;
    private const int Speed = 115200;
    private static volatile bool _cut;

    public static int Run(CancellationToken stop)
    {
        var (first, second) = (OpenMaster(), OpenMaster());
        // Held open, so that a server that closes its end does not end the cable.
        using var firstEnd = SerialLine.Open(NameOf(first), Speed);
        using var secondEnd = SerialLine.Open(NameOf(second), Speed);
        Console.WriteLine($"cable {NameOf(first)} {NameOf(second)}");
        foreach (var (from, to) in new[] { (first, second), (second, first) })
            new Thread(() => Relay(from, to)) { IsBackground = true }.Start();
        while (!stop.IsCancellationRequested && Console.ReadLine() is { } order)
        {
            switch (order)
            {
                case "cut":
                    _cut = true;
                    break;
                case "heal":
                    _cut = false;
                    break;
                case "noise":
                    Noise(first);
                    Noise(second);
                    break;
                default:
                    Console.Error.WriteLine($"clpbench cable: '{order}' is not known; cut, heal and noise are");
                    return 2;
            }

            Console.WriteLine($"done {order}");
        }

        return 0;
    }

    private static void Noise(int to)
    {
        var bytes = new byte[300];
        new Random(7).NextBytes(bytes);
        fixed (byte* start = bytes)
            _ = Write(to, start, (nuint)bytes.Length);
    }

    private static void Relay(int from, int to)
    {
        var buffer = stackalloc byte[1024];
        while (true)
        {
            var count = Read(from, buffer, 1024);
            if (count <= 0)
                return;
            if (!_cut)
                _ = Write(to, buffer, (nuint)count);
        }
    }

    private static int OpenMaster()
    {
        var master = OpenPseudoTerminal(ReadWriteNoTerminal);
        if (master < 0 || Grant(master) != 0 || Unlock(master) != 0)
            throw new BenchFailedException($"no pseudo terminal: {Marshal.GetLastPInvokeErrorMessage()}");
        return master;
    }

    private static string NameOf(int master)
    {
        var name = stackalloc byte[64];
        return Name(master, name, 64) == 0 ? Marshal.PtrToStringUTF8((nint)name)! : throw new BenchFailedException("a pseudo terminal without a name");
    }

    [LibraryImport("libc", EntryPoint = "posix_openpt", SetLastError = true)]
    private static partial int OpenPseudoTerminal(int flags);

    [LibraryImport("libc", EntryPoint = "grantpt", SetLastError = true)]
    private static partial int Grant(int master);

    [LibraryImport("libc", EntryPoint = "unlockpt", SetLastError = true)]
    private static partial int Unlock(int master);

    [LibraryImport("libc", EntryPoint = "ptsname_r", SetLastError = true)]
    private static partial int Name(int master, byte* name, nuint length);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    private static partial nint Read(int fileDescriptor, void* buffer, nuint length);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint Write(int fileDescriptor, void* buffer, nuint length);
}
