using System.Text;
using ClusterActors.Model;
using ClusterActors.Model.Guardian;
using ClusterActors.Model.Resources;

namespace ClusterActors.Resources.Exec;

/// <summary>Type <c>exec</c>: see README.md beside this file for the operator's view.</summary>
public sealed class ExecResourceType : IResourceType
{
    /// <summary>Beside the arguments and the environment: ticket, names, folders, and what the cluster adds to the environment.</summary>
    private const int KeptForTheRest = 8 * 1024;

    private const int LargestRequest = GuardianCodec.MaxFrameSize - GuardianCodec.HeaderSize - KeptForTheRest;

    public ResourceTypeDescription Description => ExecDescription.Instance;

    public IEnumerable<string> Validate(ResourceConfig resource, ClusterConfig cluster)
    {
        var options = ExecOptions.From(resource.Parameters);
        if (options.Start.Count == 0 || !options.Start[0].StartsWith('/'))
            yield return $"start is '{string.Join(' ', options.Start)}'; must be an absolute path, optionally followed by arguments in a list";
        if (options.Stop.Count > 0 && !options.Stop[0].StartsWith('/'))
            yield return $"stop is '{string.Join(' ', options.Stop)}'; must be an absolute path, optionally followed by arguments in a list";
        if (!options.WorkingDirectory.StartsWith('/'))
            yield return $"working-directory is '{options.WorkingDirectory}'; must be an absolute path";
        if (options.Containment == Containment.PidNamespace && !options.IsAsynchronous)
            yield return "contain is pid-namespace with mode = sync; the namespace ends with its first program, so write mode = async or contain = cgroup";
        foreach (var name in options.Environment.Keys.Where(n => n.StartsWith("CLP_", StringComparison.Ordinal)))
            yield return $"environment sets {name}; names that start with CLP_ are set by the cluster, use another";
        foreach (var name in options.Environment.Keys.Where(n => n.Length == 0 || n.Any(c => c == '=' || char.IsControl(c))))
            yield return $"environment sets '{name}'; the name of a variable is not empty and has no '='";
        if (options.Start.Concat(options.Stop).Concat(options.Environment.Values).Any(text => text.Contains('\0', StringComparison.Ordinal)))
            yield return "start, stop or environment holds a character with the number 0, which ends a text on Linux; remove it";
        foreach (var (key, arguments) in new[] { ("start", options.Start), ("stop", options.Stop) })
            if (arguments.Count > 0 && SizeOf(arguments, options) is var size && size > LargestRequest)
                yield return $"{key} and environment are {size} bytes together; at most {LargestRequest} go to the guardian with one order: put the text into a file and name the file";
    }

    /// <summary>Each text goes with two bytes that say how long it is.</summary>
    private static int SizeOf(IEnumerable<string> arguments, ExecOptions options) =>
        arguments.Concat(options.Environment.Select(e => $"{e.Key}={e.Value}")).Sum(text => 2 + Encoding.UTF8.GetByteCount(text));

    public IResource Create(ResourceConfig resource, IResourceHost host) => new ExecResource(ExecOptions.From(resource.Parameters), host);
}
