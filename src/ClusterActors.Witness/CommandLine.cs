using System.Globalization;
using System.Net;
using System.Net.Sockets;
using ClusterActors.Model.Voting;

namespace ClusterActors.Witness;

/// <summary>The witness's command line.</summary>
/// <param name="Words">The command: <c>run</c>, <c>status</c>, <c>cluster add</c>, …, without its operand.</param>
/// <param name="Operand">File, name, or empty.</param>
/// <param name="Listen">Addresses for datagrams and administration.</param>
internal sealed record CommandLine(string Words, string Operand, string Root, IReadOnlyList<IPEndPoint> Listen, bool Json, int Count)
{
    public const string Usage = """
        usage: clpwitness [run] [--listen ADDRESS[:PORT]]... [--port 29080]   serve; reads the cluster files again on SIGHUP
               clpwitness status [--json]                                     clusters, servers, vows, votes
               clpwitness cluster add FILE                                    take a file made by 'clp witness export' on a server
               clpwitness cluster remove NAME                                 stop serving a cluster; its record is kept
               clpwitness register NAME                                       after the loss of the store, when not every server can register itself
               clpwitness measure [--count 20000]                             how long an answer takes over the loopback
          --root DIR   prefix of /etc, /var, /run (default: the environment's CLP_ROOT, else none)
        """;

    private static readonly Dictionary<string, int> Operands = new()
    {
        ["run"] = 0,
        ["status"] = 0,
        ["measure"] = 0,
        ["register"] = 1,
        ["cluster add"] = 1,
        ["cluster remove"] = 1,
    };

    /// <exception cref="ArgumentException">What was found, and what is allowed.</exception>
    public static CommandLine Parse(IReadOnlyList<string> args, string? root)
    {
        var words = new List<string>();
        var listen = new List<string>();
        var (port, count, json) = (WitnessCodec.DefaultPort, 20_000, false);
        for (var i = 0; i < args.Count; i++)
        {
            var value = i + 1 < args.Count ? args[i + 1] : null;
            switch (args[i])
            {
                case "--json":
                    json = true;
                    continue;
                case "--root" when value is not null:
                    root = value;
                    break;
                case "--listen" when value is not null:
                    listen.Add(value);
                    break;
                case "--port" when value is not null:
                    port = Number("--port", value, 65535);
                    break;
                case "--count" when value is not null:
                    count = Number("--count", value, 10_000_000);
                    break;
                case var option when option.StartsWith("--", StringComparison.Ordinal):
                    throw new ArgumentException($"clpwitness: '{option}' is not known or lacks its value");
                case var word:
                    words.Add(word);
                    continue;
            }

            i++;
        }

        var (command, operand) = Command(words);
        return new CommandLine(command, operand, root ?? "", Endpoints(listen, port), json, count);
    }

    private static (string Command, string Operand) Command(List<string> words)
    {
        if (words.Count == 0)
            return ("run", "");
        var command = words[0] == "cluster" ? string.Join(' ', words.Take(2)) : words[0];
        if (!Operands.TryGetValue(command, out var operands))
            throw new ArgumentException($"clpwitness: '{command}' is no command; there are: {string.Join(", ", Operands.Keys)}");
        var rest = words.Skip(command.Split(' ').Length).ToList();
        if (rest.Count != operands)
            throw new ArgumentException($"clpwitness {command}: {rest.Count} operands were given; {operands} must be");
        return (command, rest.FirstOrDefault() ?? "");
    }

    private static List<IPEndPoint> Endpoints(List<string> listen, int port)
    {
        if (listen.Count == 0)
        {
            List<IPEndPoint> all = [new IPEndPoint(IPAddress.Any, port)];
            if (Socket.OSSupportsIPv6)
                all.Add(new IPEndPoint(IPAddress.IPv6Any, port));
            return all;
        }

        return [.. listen.Select(text => IPAddress.TryParse(text, out var alone) ? new IPEndPoint(alone, port)
            : IPEndPoint.TryParse(text, out var both) ? both
            : throw new ArgumentException($"clpwitness: --listen {text}: must be ADDRESS, ADDRESS:PORT or [IPV6]:PORT"))];
    }

    private static int Number(string option, string text, int largest) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1 && number <= largest
            ? number
            : throw new ArgumentException($"clpwitness: {option} {text}: must be a whole number from 1 to {largest}");
}
