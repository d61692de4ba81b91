using System.Collections.Immutable;
using ClusterActors.Configuration.Binding;
using ClusterActors.Hocon;
using ClusterActors.Model;

namespace ClusterActors.Configuration;

/// <summary>cluster.conf to <see cref="ClusterConfig"/>. Finds every problem in one pass and changes nothing.</summary>
public static class ClusterConfigLoader
{
    /// <summary>Loads a file with its includes. A file that is missing or unreadable is a problem like any other; nothing is thrown.</summary>
    public static ClusterConfigResult Load(string path, IConfigFiles files, ClusterConfigOptions options)
    {
        try
        {
            return Bind(ConfigLoader.LoadDocument(path, files), options);
        }
        catch (ConfigFileException problem)
        {
            return new ClusterConfigResult(null, null, [new ConfigProblem(new SourceLocation(problem.Origin.File, problem.Origin.Line), problem.Problem)]);
        }
    }

    /// <summary>Binds a text that has no includes.</summary>
    public static ClusterConfigResult Parse(string text, string origin, ClusterConfigOptions options) => Bind(ConfigDocument.Parse(text, origin), options);

    /// <summary>Binds a parsed file.</summary>
    public static ClusterConfigResult Bind(ConfigDocument document, ClusterConfigOptions options)
    {
        var report = new BindingReport();
        var written = document.ResolveAll(options.Environment, out var unreadable);
        foreach (var problem in unreadable) report.Add(problem.Origin, problem.Problem);

        var binder = new ClusterBinder(report, options);
        var (config, self) = binder.Bind(written.Root);
        var problems = report.Sorted();
        return new ClusterConfigResult(problems.IsEmpty ? config : null, self, problems) { HostIsUnknown = binder.HostIsUnknown, BoundKeys = report.BoundKeys };
    }
}
