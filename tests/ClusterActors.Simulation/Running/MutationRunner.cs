using System.Diagnostics;
using System.Globalization;

namespace ClusterActors.Simulation.Running;

/// <summary>Plants each mutation into a copy of the sources, builds it, and runs seeds until a check fails.</summary>
internal sealed class MutationRunner(string root, int seeds, TimeSpan limit)
{
    private const string Project = "tests/ClusterActors.Simulation";
    private static readonly string[] Folders = ["src", "hocon", Project];
    private readonly string _copy = Path.Combine(root, "out", "mutants");

    /// <summary>0 when every one was found.</summary>
    public int Run(string? name)
    {
        IReadOnlyList<Mutation> mutations = [.. Mutation.ReadAll(Path.Combine(root, Project, "mutations")).Where(m => name is null || m.Name == name)];
        if (mutations.Count == 0)
            throw new ArgumentException($"clpsim: there is no mutation '{name}' in {Project}/mutations");
        Copy();
        int survivors = 0;
        foreach (Mutation mutation in mutations)
        {
            string outcome = Try(mutation);
            Console.WriteLine($"{mutation.Name,-30} {outcome}");
            survivors += outcome.StartsWith("found", StringComparison.Ordinal) ? 0 : 1;
        }

        Console.WriteLine($"{mutations.Count - survivors} of {mutations.Count} mutations found");
        return survivors == 0 ? 0 : 2;
    }

    private string Try(Mutation mutation)
    {
        if (mutation.WhyNot(_copy) is { } problem)
            return problem;
        IReadOnlyDictionary<string, string> before = mutation.Apply(_copy);
        try
        {
            (int code, string output) = Execute("dotnet", ["build", Project, "-c", "Release", "-v", "q", "-clp:ErrorsOnly", "--nologo", "-m:1", "-p:RunAnalyzers=false", "-p:TreatWarningsAsErrors=false"]);
            if (code != 0)
                return $"does not build: {output.Split('\n').FirstOrDefault(l => l.Contains("error", StringComparison.Ordinal))}";
            (_, output) = Execute(Path.Combine(_copy, Project, "bin/Release/net10.0/clpsim"),
                ["--until-failure", "--seeds", seeds.ToString(CultureInfo.InvariantCulture), "--limit", limit.TotalSeconds.ToString(CultureInfo.InvariantCulture), .. mutation.Options]);
            return output.Split('\n').FirstOrDefault(l => l.StartsWith("found", StringComparison.Ordinal)) ?? $"SURVIVED: {output.Split('\n').FirstOrDefault(l => l.Contains(" seeds, ", StringComparison.Ordinal))}";
        }
        finally
        {
            foreach ((string path, string text) in before)
                File.WriteAllText(path, text);
        }
    }

    private (int Code, string Output) Execute(string program, string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { WorkingDirectory = _copy, RedirectStandardOutput = true })!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output);
    }

    /// <summary>Sources only. Files that have not changed since the last time keep their time stamps, so that little has to be built; those that are no more go.</summary>
    private void Copy()
    {
        IReadOnlySet<string> sources = Sources(root).ToHashSet();
        foreach (string gone in Directory.Exists(_copy) ? Sources(_copy).Where(f => !sources.Contains(f)) : [])
            File.Delete(Path.Combine(_copy, gone));
        foreach (string relative in sources)
        {
            string file = Path.Combine(root, relative);
            string target = Path.Combine(_copy, relative);
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            if (!File.Exists(target) || !File.ReadAllBytes(target).AsSpan().SequenceEqual(File.ReadAllBytes(file)))
                File.Copy(file, target, overwrite: true);
        }
    }

    /// <summary>What is written by hand and built, by path from the top.</summary>
    private static IReadOnlyList<string> Sources(string top) =>
        [.. Folders.Select(f => Path.Combine(top, f)).Where(Directory.Exists).SelectMany(f => Directory.GetFiles(f, "*", SearchOption.AllDirectories))
            .Concat(Directory.GetFiles(top, "*.props")).Concat(Directory.GetFiles(top, "global.json"))
            .Select(f => Path.GetRelativePath(top, f))
            .Where(f => !f.Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj"))];
}
