namespace ClusterActors.Lab;

/// <summary>Files of the checkout that tests and benchmarks run.</summary>
public static class Repository
{
    /// <summary>Directory of the solution file, found upwards from the running program.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The lab script.</summary>
    public static string LabScript => Path.Combine(Root, "deploy", "lab", "lab");

    /// <summary>The script that makes a lab with a running pair.</summary>
    public static string PairScript => Path.Combine(Root, "deploy", "lab", "pair");

    /// <summary>
    /// A program of the product (clpmonp, clpd, clp, clpwitness): from <c>$CLP_BIN</c> when set (a published tree), else the build output of the
    /// same configuration as the running program, so that a test never runs a binary older than itself.
    /// </summary>
    public static string Program(string name) =>
        Environment.GetEnvironmentVariable("CLP_BIN") is { Length: > 0 } published
            ? Existing(Path.Combine(published, name))
            : Built("src", name switch
            {
                "clpmonp" => "ClusterActors.Guardian",
                "clpd" => "ClusterActors.Node",
                "clp" => "ClusterActors.Cli",
                "clpwitness" => "ClusterActors.Witness",
                _ => throw new LabException($"no program '{name}': there are clpmonp, clpd, clp and clpwitness"),
            }, name);

    /// <summary>The group's program in tests: answers datagrams, writes the oracle file.</summary>
    public static string Responder => Path.Combine(Root, "deploy", "lab", "responder");

    /// <summary>The program with the probe client.</summary>
    public static string BenchProgram => Built("tests", "ClusterActors.Bench", "clpbench");

    private static string Built(string folder, string project, string name)
    {
        // .../bin/<configuration>/net10.0/ of the running program names the configuration.
        var configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
        return Existing(Path.Combine(Root, folder, project, "bin", configuration, "net10.0", name));
    }

    private static string Existing(string path) => File.Exists(path) ? path : throw new LabException($"{path} is missing; build it first: ./dev test, or dotnet build");

    private static string FindRoot()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "ClusterActors.sln")))
                return at.FullName;
        }

        throw new LabException($"no ClusterActors.sln above {AppContext.BaseDirectory}; run from a checkout");
    }
}
