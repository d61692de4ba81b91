using System.Net;

namespace ClusterActors.Bench.Probing;

/// <summary><c>clpbench probe</c>: watches an address from a client and reports gaps and losses.</summary>
internal static class ProbeProgram
{
    private const string Usage = """
        usage: clpbench probe --target IP [--port P] [--interval 2ms] [--seconds 10] [--json] [--until-eof]
          --port P      UDP datagrams to deploy/lab/responder, which names its server; without it ICMP echo, which
                        the kernel answers: the server is then named by its MAC
          --json        the report as one line of JSON instead of text
          --until-eof   stop when standard input ends (at the latest after --seconds)
        While it runs it prints 'answered-by SERVER at=NS' each time another server answers than before.
        """;

    public static int Run(string[] args, CancellationToken stop)
    {
        if (args is ["--help" or "help"])
        {
            Console.WriteLine(Usage);
            return 0;
        }

        var arguments = new Arguments(args, ["target", "port", "interval", "seconds"], ["json", "until-eof"]);
        if (!IPAddress.TryParse(arguments.Required("target"), out var target))
            throw new UsageException($"--target is '{arguments.Text("target")}'; must be an IPv4 or IPv6 address");
        using IProbeTransport transport = arguments.Number("port") is { } port ? new UdpProbe(new IPEndPoint(target, port)) : new PingProbe(target);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop);
        if (arguments.Has("until-eof"))
            EndOfInput.Cancels(end);

        var client = new ProbeClient(transport, arguments.Time("interval") ?? TimeSpan.FromMilliseconds(2), arguments.Time("seconds") ?? TimeSpan.FromSeconds(10))
        {
            OwnerChanged = static (server, at) => { Console.WriteLine($"answered-by {server} at={at}"); Console.Out.Flush(); },
        };
        var report = client.Run(end.Token);
        Console.WriteLine(arguments.Has("json") ? "report " + report.ToJson() : Text(report));
        return report.Answered > 0 && report.AnsweredByTwo == 0 ? 0 : 1;
    }

    private static string Text(ProbeReport report)
    {
        var lines = new List<string> { $"{report.Sent} probes, {report.Answered} answered, {report.LostCount} lost; own worst lateness {report.WorstLateness:F2} ms" };
        lines.AddRange(report.Owners.Select(span => $"answered by {span.Server}: {span.Answers} from {span.FirstAt} to {span.LastAt}"));
        lines.AddRange(report.Gaps.Take(5).Select(gap => $"gap {gap.Milliseconds:F2} ms from {gap.From} to {gap.To}"));
        lines.AddRange(report.Lost.Take(10).Select(run => $"lost {run.Count} sent from {run.FirstSentAt} to {run.LastSentAt}"));
        if (report.AnsweredByTwo > 0)
            lines.Add($"TWO OWNERS: {report.AnsweredByTwo} probes were answered by two servers");
        return string.Join('\n', lines);
    }
}
