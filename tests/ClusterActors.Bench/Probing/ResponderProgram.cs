using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace ClusterActors.Bench.Probing;

/// <summary>
/// <c>clpbench responder</c>: the program of a group in tests and benchmarks. It answers each probe with its server's name and writes
/// (server, term, monotonic ns, process) to the oracle file, a witness outside every host of who ran when.
/// </summary>
internal static partial class ResponderProgram
{
    private const string Usage = """
        usage: clpbench responder --port P [--bind IP]... [--name SERVER] [--term N] [--oracle FILE] [--tick 5ms]
          --bind     addresses to answer on, normally the group's floating addresses (answers then come from them); default all of IPv4
          --name     default $CLP_SERVERNAME, else the host name      --term   default $CLP_TERM, else -
          --oracle   a line 'SERVER TERM NS PROCESS' is added at each tick
        """;

    public static int Run(string[] args, CancellationToken stop)
    {
        if (args is ["--help" or "help"])
        {
            Console.WriteLine(Usage);
            return 0;
        }

        var arguments = new Arguments(args, ["port", "bind", "name", "term", "oracle", "tick"]);
        var port = arguments.Number("port") ?? throw new UsageException("option --port is missing");
        var name = arguments.Text("name") ?? Environment.GetEnvironmentVariable("CLP_SERVERNAME") ?? Environment.MachineName;
        var addresses = arguments.All("bind").Select(IPAddress.Parse).DefaultIfEmpty(IPAddress.Any).ToArray();
        foreach (var address in addresses)
        {
            var socket = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            socket.Bind(new IPEndPoint(address, port));
            new Thread(() => AnswerAll(socket, Encoding.UTF8.GetBytes(name))) { IsBackground = true, Name = $"answers on {address}" }.Start();
        }

        Console.WriteLine($"responder {name} answers on {string.Join(", ", addresses.AsEnumerable())} port {port}");
        var term = arguments.Text("term") ?? Environment.GetEnvironmentVariable("CLP_TERM") ?? "-";
        Witness(arguments.Text("oracle"), $"{name} {term}", arguments.Time("tick") ?? TimeSpan.FromMilliseconds(5), stop);
        return 0;
    }

    private static void AnswerAll(Socket socket, byte[] name)
    {
        var buffer = new byte[512];
        name.CopyTo(buffer, 8);
        var sender = new SocketAddress(socket.AddressFamily);
        while (true)
        {
            try
            {
                if (socket.ReceiveFrom(buffer.AsSpan(0, 8), SocketFlags.None, sender) == 8)
                    socket.SendTo(buffer.AsSpan(0, 8 + name.Length), SocketFlags.None, sender);
            }
            catch (SocketException problem) when (problem.SocketErrorCode is not SocketError.OperationAborted)
            {
                // A datagram that cannot be answered now (address fenced or gone) is a lost probe, seen by the client.
            }
        }
    }

    /// <summary>
    /// FileMode.Append only seeks to the end once: two processes that run at the same time would write over each other's lines, and the
    /// witness would be blind to just what it is for. With O_APPEND the kernel finds the end at each write.
    /// </summary>
    private static SafeFileHandle OpenForAppending(string file)
    {
        const int WriteOnly = 0x1, Create = 0x40, Append = 0x400, CloseOnExec = 0x80000;
        var descriptor = open(file, WriteOnly | Create | Append | CloseOnExec, 0b110_100_100);
        return descriptor >= 0
            ? new SafeFileHandle(descriptor, ownsHandle: true)
            : throw new IOException($"{file}: cannot be opened for appending: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags, int mode);

    private static void Witness(string? file, string who, TimeSpan tick, CancellationToken stop)
    {
        if (file is null)
        {
            stop.WaitHandle.WaitOne();
            return;
        }

        // No buffer: each line is one append, whole even when the process is killed right after it.
        using var oracle = new FileStream(OpenForAppending(file), FileAccess.Write, bufferSize: 0);
        var step = (long)tick.TotalNanoseconds;
        // Process ids are used again by other hosts and after a power-on; with the start's instant they name one process.
        var process = $"{Environment.ProcessId}@{Clock.Nanoseconds}";
        while (!stop.IsCancellationRequested)
        {
            oracle.Write(Encoding.UTF8.GetBytes($"{who} {Clock.Nanoseconds} {process}\n"));
            Clock.SleepUntil(Clock.Nanoseconds + step);
        }
    }
}
