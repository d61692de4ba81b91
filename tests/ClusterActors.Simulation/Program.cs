using System.Globalization;
using ClusterActors.Simulation.Faults;
using ClusterActors.Simulation.Running;

return Cli.Run(args);

/// <summary>The command line of <c>./dev simulate</c>.</summary>
internal static class Cli
{
    private const string Usage = """
        usage: clpsim [--seed N | --seeds COUNT [--from N]] [--nodes 2..8] [--networks 1..4] [--minutes M] [--faults LIST] [--policy LIST]
                      [--profile default|fast|slow] [--every SECONDS] [--limit SECONDS] [--at-least HOURS]
               clpsim --swarm [--seeds COUNT] [--from N] [--limit SECONDS]
               clpsim --until-failure [--seeds COUNT] ...
               clpsim --mutations [NAME] [--root CHECKOUT] [--seeds COUNT] [--limit SECONDS]
               clpsim --list
          --seed      one course with its timeline; when it fails, also the shortest list of faults that does
          --seeds     that many courses; prints failures and speed
          --swarm     draws a few faults, the number of servers, policy and profile for each seed; prints how to run one that failed alone
          --faults    names, separated by commas (--list shows them)
          --policy    take-over, hold, ask-arbiters, ask-fence or ask-store; of several, separated by commas, each seed takes the next
          --every     mean seconds between two faults
          --limit     begins no further seed after so many seconds
          --at-least  fails when fewer cluster-hours were simulated by then
        """;

    public static int Run(string[] args)
    {
        try
        {
            return Run(Arguments.Parse(args));
        }
        catch (ArgumentException e)
        {
            Console.Error.WriteLine(e.Message);
            Console.Error.WriteLine(Usage);
            return 1;
        }
    }

    private static int Run(Arguments arguments)
    {
        if (arguments.List)
        {
            foreach (FaultKind kind in FaultKinds.All)
                Console.WriteLine($"{kind.Name,-16} {kind.What}{(kind.Open is null ? "" : $" (only by name, not survived yet: {kind.Open})")}");
            return 0;
        }

        if (arguments.Mutations)
            return new MutationRunner(arguments.Root, arguments.Seeds, arguments.Limit).Run(arguments.Mutation);
        if (arguments.Swarm)
            return InSwarms(arguments);
        if (arguments.UntilFailure)
            return Until(arguments);
        return arguments.Seed is { } seed ? One(arguments.OptionsOf(seed), seed) : Many(arguments);
    }

    private static int One(SimulationOptions options, ulong seed)
    {
        RunResult result = SimulationRun.Run(options, seed, withTimeline: true);
        foreach (string line in result.Timeline)
            Console.WriteLine(line);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"seed {seed}: {result.Simulated.TotalMinutes:0.0} min in {result.Took.TotalSeconds:0.00} s, {result.Steps} steps, {result.Faults.Count} faults, digest {result.Digest:x16}"));
        if (result.Failure is not null)
            ShowFailure(options, result);
        ShowAssemblies();
        return result.Failure is null ? 0 : 2;
    }

    private static int Until(Arguments arguments)
    {
        SweepResult sweep = SeedSweep.Run(arguments.OptionsOf, arguments.From, arguments.Seeds, arguments.Limit, firstOnly: true);
        Console.WriteLine(sweep.Failures.Count == 0
            ? sweep.Describe()
            : $"found after {sweep.Seeds} seeds, {sweep.Took.TotalSeconds:0} s: seed {sweep.Failures[0].Seed}: {sweep.Failures[0].Failure}");
        return sweep.Failures.Count == 0 ? 0 : 2;
    }

    private static int Many(Arguments arguments)
    {
        SweepResult sweep = SeedSweep.Run(arguments.OptionsOf, arguments.From, arguments.Seeds, arguments.Limit,
            onFailure: failed => Console.WriteLine($"seed {failed.Seed} (--policy {SimPolicy.NameOf(arguments.OptionsOf(failed.Seed))}): {failed.Failure}"));
        Console.WriteLine(sweep.Describe());
        if (sweep.Failures.Count > 0)
            ShowFailure(arguments.OptionsOf(sweep.Failures[0].Seed), sweep.Failures[0]);
        ShowAssemblies();
        if (sweep.Simulated.TotalHours >= arguments.AtLeastHours)
            return sweep.Failures.Count == 0 ? 0 : 2;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"TOO FEW: {sweep.Simulated.TotalHours:0.0} cluster-hours, at least {arguments.AtLeastHours:0} are asked for"));
        return 3;
    }

    private static int InSwarms(Arguments arguments)
    {
        SweepResult sweep = SeedSweep.Run(Swarm.OptionsOf, arguments.From, arguments.Seeds, arguments.Limit,
            onFailure: failed => Console.WriteLine($"{Swarm.CommandOf(Swarm.OptionsOf(failed.Seed), failed.Seed)}\n  {failed.Failure}"));
        Console.WriteLine(sweep.Describe());
        return sweep.Failures.Count == 0 ? 0 : 2;
    }

    private static void ShowFailure(SimulationOptions options, RunResult failed)
    {
        Console.WriteLine($"seed {failed.Seed} FAILED: {failed.Failure}");
        IReadOnlyList<Fault> shortest = Shrinker.Shrink(options, failed.Seed, failed.Faults, TimeSpan.FromSeconds(60));
        RunResult again = SimulationRun.Run(options, failed.Seed, shortest);
        Console.WriteLine($"shortest list of faults ({shortest.Count} of {failed.Faults.Count}): {again.Failure}");
        foreach (Fault fault in shortest)
            Console.WriteLine($"  {fault}");
    }

    private static void ShowAssemblies()
    {
        IEnumerable<string> names = AppDomain.CurrentDomain.GetAssemblies().Select(a => a.GetName().Name!)
            .Where(n => (n.StartsWith("ClusterActors.", StringComparison.Ordinal) && n != "ClusterActors.Simulation.Tests") || n == "clpmonp").Order();
        Console.WriteLine($"product assemblies that ran: {string.Join(", ", names)}");
    }

    private sealed record Arguments(SimulationOptions Options, ulong? Seed, int Seeds, ulong From, TimeSpan Limit, bool List)
    {
        public required IReadOnlyList<SimPolicy> Policies { get; init; }

        public bool UntilFailure { get; init; }

        public bool Swarm { get; init; }

        public double AtLeastHours { get; init; }

        public bool Mutations { get; init; }

        public string? Mutation { get; init; }

        public string Root { get; init; } = ".";

        /// <summary>What a seed is run with.</summary>
        public SimulationOptions OptionsOf(ulong seed) => SimPolicy.Of(Policies, seed).In(Options);

        public static Arguments Parse(string[] args)
        {
            var values = new Dictionary<string, string>();
            for (int i = 0; i < args.Length; i++)
            {
                if (args[i] == "--mutations" && i + 1 < args.Length && !args[i + 1].StartsWith("--", StringComparison.Ordinal))
                    (values[args[i]], values["--mutation"]) = ("", args[++i]);
                else if (args[i] is "--list" or "--until-failure" or "--swarm" or "--mutations")
                    values[args[i]] = "";
                else if (args[i] is "--seed" or "--seeds" or "--from" or "--nodes" or "--networks" or "--minutes" or "--faults" or "--policy" or "--profile" or "--every" or "--limit" or "--at-least" or "--root"
                    && i + 1 < args.Length)
                    values[args[i]] = args[++i];
                else
                    throw new ArgumentException($"clpsim: '{args[i]}' is not known or lacks its value");
            }

            SimulationOptions none = SimulationOptions.Default;
            var options = new SimulationOptions(
                (int)Number(values, "--nodes", 2, 8, none.Nodes), (int)Number(values, "--networks", 1, 4, none.Networks), Number(values, "--minutes", 0.1, 100_000, none.Minutes),
                none.Policy, Profile(values.GetValueOrDefault("--profile", "default")), FaultNames(values),
                values.ContainsKey("--every") ? TimeSpan.FromSeconds(Number(values, "--every", 0.1, 100_000, 0)) : null);
            return new Arguments(
                options, values.ContainsKey("--seed") ? (ulong)Number(values, "--seed", 0, 1e15, 0) : null, (int)Number(values, "--seeds", 1, 1e9, values.ContainsKey("--mutations") ? 2000 : 100),
                (ulong)Number(values, "--from", 0, 1e15, 1), TimeSpan.FromSeconds(Number(values, "--limit", 1, 1e6, values.ContainsKey("--mutations") ? 300 : 1e6)), values.ContainsKey("--list"))
            {
                Policies = SimPolicy.Parse(values.GetValueOrDefault("--policy", "take-over")),
                AtLeastHours = Number(values, "--at-least", 0, 1e9, 0),
                Swarm = values.ContainsKey("--swarm"),
                UntilFailure = values.ContainsKey("--until-failure"),
                Mutations = values.ContainsKey("--mutations"),
                Mutation = values.GetValueOrDefault("--mutation"),
                Root = Path.GetFullPath(values.GetValueOrDefault("--root", ".")),
            };
        }

        private static double Number(Dictionary<string, string> values, string name, double least, double most, double otherwise)
        {
            if (!values.TryGetValue(name, out string? text))
                return otherwise;
            return double.TryParse(text, CultureInfo.InvariantCulture, out double value) && value >= least && value <= most
                ? value
                : throw new ArgumentException($"clpsim: {name} is '{text}'; must be a number from {least} to {most}");
        }

        private static SimProfile Profile(string name) => SimProfile.All.FirstOrDefault(p => p.Name == name)
            ?? throw new ArgumentException($"clpsim: --profile is '{name}'; must be one of {string.Join(", ", SimProfile.All.Select(p => p.Name))}");

        private static string[] FaultNames(Dictionary<string, string> values)
        {
            if (!values.TryGetValue("--faults", out string? list))
                return [];
            string[] names = list.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            return names.FirstOrDefault(n => !FaultKinds.Names.Contains(n)) is { } unknown
                ? throw new ArgumentException($"clpsim: there is no fault '{unknown}'; --list shows them")
                : names;
        }
    }
}
