using System.Globalization;
using System.Net;
using ClusterActors.Linux.Sockets;
using ClusterActors.Linux.Time;
using ClusterActors.Model;
using ClusterActors.Model.Voting;

namespace ClusterActors.Witness.Serving;

/// <summary><c>clpwitness measure</c>: how long an answer takes on this machine, over the loopback, from before the send to after the receipt.</summary>
internal static class Measurement
{
    private const int Warm = 500;
    private static readonly long Limit = 1_000_000_000;

    /// <summary>Serves a cluster of its own in a folder that is removed afterwards, asks it <paramref name="count"/> times, and says how long it took.</summary>
    /// <exception cref="IOException">An answer did not come within a second.</exception>
    public static string Run(string folder, Guid boot, int count)
    {
        var paths = new WitnessPaths(folder);
        paths.CreateFolders();
        var file = new WitnessClusterFile("measure", boot, 2, new byte[32]);
        File.WriteAllText(paths.ClusterFile(file.Name), file.Render());
        using var service = new WitnessService(new WitnessOptions([new IPEndPoint(IPAddress.Loopback, 0)], paths, boot), _ => { });
        var loop = new Thread(service.Run) { IsBackground = true, Name = "witness" };
        loop.Start();
        try
        {
            return Report(Ask(service.Port, file, count));
        }
        finally
        {
            service.End();
            loop.Join();
        }
    }

    private static long[] Ask(int port, WitnessClusterFile file, int count)
    {
        using var socket = new UdpBeatSocket(new UdpBeatSocketOptions(new IPEndPoint(IPAddress.Loopback, 0)));
        using var poll = new PollSet(1);
        poll.Add(socket.FileDescriptor);
        using var codec = new WitnessCodec(file.ClusterId, file.Key);
        var to = NativeEndpoint.From(new IPEndPoint(IPAddress.Loopback, port));
        Span<byte> buffer = stackalloc byte[256];
        var times = new long[count];
        var request = new WitnessRequest { ServerCount = 2, VowWantedMilliseconds = 1000, Incarnation = new Incarnation(1, 1), Term = new Term(1, 0) };
        for (var i = -Warm; i < count; i++)
        {
            request.Sequence++;
            var before = BootClock.NowNanoseconds();
            codec.Write(in request, buffer);
            _ = socket.Send(buffer[..WitnessCodec.RequestSize], in to);
            if (poll.WaitUntil(before + Limit) == 0 || !socket.TryReceive(buffer, out var datagram) || codec.Read(buffer[..datagram.Length], 0, out WitnessAnswer answer) != WitnessRefusal.None || answer.Sequence != request.Sequence)
                throw new IOException("no answer came over the loopback within a second; is a firewall in the way?");
            if (i >= 0)
                times[i] = BootClock.NowNanoseconds() - before;
        }

        return times;
    }

    private static string Report(long[] times)
    {
        Array.Sort(times);
        double Microseconds(double share) => times[Math.Min(times.Length - 1, (int)(times.Length * share))] / 1000.0;
        return string.Create(CultureInfo.InvariantCulture, $"{times.Length} requests over the loopback: p50 {Microseconds(0.5):0.0} us, p99 {Microseconds(0.99):0.0} us, longest {times[^1] / 1000.0:0.0} us");
    }
}
