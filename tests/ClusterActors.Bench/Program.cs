using ClusterActors.Bench;

const string Usage = """
    usage: clpbench list
           clpbench NAME [--profile P] [--runs N] [--seconds S] [--parallel] [--load] [--json FILE]    NAME: a benchmark, or the start of dotted names
           clpbench probe ...       client that watches an address without a pause; see clpbench probe --help
           clpbench capture ...     which server used an address when, by the frames that reach a client
           clpbench cable           serial line between two servers of a lab
           clpbench stalls          how late this machine itself wakes a thread that does nothing else, until the end of input
           clpbench time --runs N COMMAND...    wall time of a command
    """;

using var stop = new CancellationTokenSource();
using var onTerm = System.Runtime.InteropServices.PosixSignalRegistration.Create(
    System.Runtime.InteropServices.PosixSignal.SIGTERM, signal => { signal.Cancel = true; stop.Cancel(); });
Console.CancelKeyPress += (_, key) => { key.Cancel = true; stop.Cancel(); };

try
{
    switch (args)
    {
        case []:
        case ["help" or "--help" or "-h"]:
            Console.WriteLine(Usage);
            return 0;
        case ["list"]:
            foreach (var bench in BenchCatalog.All)
                Console.WriteLine($"{bench.Name,-40} {bench.Summary}");
            return 0;
        case ["probe", .. var rest]:
            return ClusterActors.Bench.Probing.ProbeProgram.Run(rest, stop.Token);
        case ["capture", .. var rest]:
            return ClusterActors.Bench.Isolation.CaptureProgram.Run(rest, stop.Token);
        case ["time", .. var rest]:
            return ClusterActors.Bench.Footprint.TimeProgram.Run(rest);
        case ["stalls"]:
            return ClusterActors.Bench.Stalls.StallProgram.Run(stop.Token);
        case ["cable"]:
            return ClusterActors.Bench.Probing.CableProgram.Run(stop.Token);
        default:
            return await MeasureAsync(new Arguments(args, ["profile", "runs", "seconds", "json"], ["parallel", "load"]));
    }
}
catch (UsageException problem)
{
    Console.Error.WriteLine($"clpbench: {problem.Message}\n{Usage}");
    return 2;
}

async Task<int> MeasureAsync(Arguments arguments)
{
    if (arguments.Words is not [var name])
        throw new UsageException("name one benchmark");
    var benches = BenchCatalog.Matching(name);
    if (benches.Count == 0)
        throw new UsageException($"no benchmark '{name}'; there are {string.Join(", ", BenchCatalog.All.Select(bench => bench.Name))}");
    var options = new BenchOptions
    {
        Profile = arguments.Text("profile"),
        Runs = arguments.Number("runs"),
        Duration = arguments.Time("seconds"),
        Parallel = arguments.Has("parallel"),
        Load = arguments.Has("load"),
        Log = line => Console.WriteLine("  " + line),
    };
    return await BenchRunner.RunAsync(benches, options, arguments.Text("json"), stop.Token);
}
