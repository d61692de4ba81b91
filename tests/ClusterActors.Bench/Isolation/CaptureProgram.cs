using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using ClusterActors.Bench.Probing;

namespace ClusterActors.Bench.Isolation;

/// <summary>
/// <c>clpbench capture</c>: every frame that reaches this client and carries the address as its source, or claims it (ARP and neighbour
/// answers and announcements), by the MAC of its sender. It also asks for the address by broadcast or multicast, so that a server which
/// still answers these is found although the client's own neighbour entry is fresh.
/// </summary>
internal static class CaptureProgram
{
    private const string Usage = """
        usage: clpbench capture --target IP [--interface eth1] [--ask 10ms] [--seconds 60]
        Until standard input ends; prints 'capturing' when it listens and 'report JSON' at its end.
        """;

    public static int Run(string[] args, CancellationToken stop)
    {
        if (args is ["--help" or "help"])
        {
            Console.WriteLine(Usage);
            return 0;
        }

        var arguments = new Arguments(args, ["target", "interface", "ask", "seconds"]);
        var target = IPAddress.Parse(arguments.Required("target"));
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop);
        end.CancelAfter(arguments.Time("seconds") ?? TimeSpan.FromSeconds(60));
        EndOfInput.Cancels(end);

        var network = arguments.Text("interface") ?? "eth1";
        using IAddressQuestions asking = target.AddressFamily == AddressFamily.InterNetwork ? new ArpQuestions(network, target) : new NeighbourQuestions(network, target);
        var interval = (long)(arguments.Time("ask") ?? TimeSpan.FromMilliseconds(10)).TotalNanoseconds;
        var asker = new Thread(() => Ask(asking, interval, end.Token)) { IsBackground = true, Name = "questions" };
        var report = new CaptureReport([]);
        using (var frames = PacketSocket.Open(PacketSocket.AnyProtocol))
        {
            asker.Start();
            Console.WriteLine("capturing");
            Console.Out.Flush();
            var frame = new byte[2048];
            var address = target.GetAddressBytes();
            while (!end.IsCancellationRequested)
            {
                var length = PacketSocket.Receive(frames, frame);
                if (length > 0)
                    report.Note(frame.AsSpan(0, length), address, Clock.Nanoseconds);
            }
        }

        asker.Join();
        Console.WriteLine("report " + JsonSerializer.Serialize(report));
        return 0;
    }

    private static void Ask(IAddressQuestions asking, long interval, CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            Clock.SleepUntil(Clock.Nanoseconds + interval);
            asking.Ask();
        }
    }
}
