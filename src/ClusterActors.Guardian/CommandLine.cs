using ClusterActors.Guardian.Beats;
using ClusterActors.Guardian.Control;

namespace ClusterActors.Guardian;

/// <summary>The guardian's command line.</summary>
internal sealed record CommandLine(GuardianOptions Options, IReadOnlyList<string> RestartCommand, BeatTest? BeatTest)
{
    public const string Usage = """
        usage: clpmonp [run] [--root DIR] [--instance NAME] [--daemon PATH [--daemon-argument TEXT]...] [--restart] [--no-real-time]
               clpmonp beat-test --self ADDRESS --peer ADDRESS [--index N] [--interval MS] [--seconds N] [--port N] [--no-real-time]
          --root          prefix of /etc, /var, /run (default: the environment's CLP_ROOT, else none)
          --instance      name that tells servers sharing one kernel apart (default: clp)
          --daemon        node daemon to start until the settings name one (default: clpd beside this program)
          --restart       the reaper starts the guardian anew when it was killed (without systemd)
          --no-real-time  ordinary priority, for tests
        """;

    public static CommandLine Parse(IReadOnlyList<string> args)
    {
        if (args.Count == 0 || args[0].StartsWith('-'))
            args = ["run", .. args];
        if (args[0] is not ("run" or "beat-test"))
            throw new ArgumentException($"clpmonp: the first argument is '{args[0]}'; must be 'run' (or nothing) or 'beat-test'");
        var values = new Dictionary<string, string>();
        var daemonArguments = new List<string>();
        bool restart = false;
        bool realTime = true;
        for (int i = 1; i < args.Count; i++)
        {
            switch (args[i])
            {
                case "--restart":
                    restart = true;
                    break;
                case "--no-real-time":
                    realTime = false;
                    break;
                case "--daemon-argument" when i + 1 < args.Count:
                    daemonArguments.Add(args[++i]);
                    break;
                case "--root" or "--instance" or "--daemon" or "--self" or "--peer" or "--index" or "--interval" or "--seconds" or "--port" when i + 1 < args.Count:
                    values[args[i]] = args[++i];
                    break;
                default:
                    throw new ArgumentException($"clpmonp: '{args[i]}' is not known or lacks its value");
            }
        }

        string root = values.GetValueOrDefault("--root") ?? Environment.GetEnvironmentVariable("CLP_ROOT") ?? "";
        var paths = new GuardianPaths(root, values.GetValueOrDefault("--instance") ?? "clp");
        var options = new GuardianOptions(paths, values.GetValueOrDefault("--daemon") ?? DaemonBesideThis(), daemonArguments, realTime);
        return new CommandLine(
            options, restart ? [Environment.ProcessPath ?? "clpmonp", .. args] : [], args[0] == "beat-test" ? BeatTest.Parse(values, realTime) : null);
    }

    private static string DaemonBesideThis()
    {
        string beside = Path.Combine(AppContext.BaseDirectory, "clpd");
        return File.Exists(beside) ? beside : "";
    }
}
