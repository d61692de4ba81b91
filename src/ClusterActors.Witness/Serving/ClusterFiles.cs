using ClusterActors.Model.Voting;

namespace ClusterActors.Witness.Serving;

/// <summary>The cluster files of the witness.</summary>
internal static class ClusterFiles
{
    /// <summary>Reads them all; a file that cannot be used is told as a sentence, and the others count.</summary>
    public static (IReadOnlyList<WitnessClusterFile> Files, IReadOnlyList<string> Problems) Read(WitnessPaths paths)
    {
        var files = new List<WitnessClusterFile>();
        var problems = new List<string>();
        foreach (var path in Directory.GetFiles(paths.Clusters, "*" + WitnessClusterFile.Extension).Order(StringComparer.Ordinal))
        {
            try
            {
                var file = WitnessClusterFile.Parse(File.ReadAllText(path), path);
                if (files.Find(f => f.ClusterId == file.ClusterId || f.Name == file.Name) is { } same)
                    problems.Add($"{path}: name or id is that of cluster '{same.Name}' in another file; remove one");
                else
                    files.Add(file);
            }
            catch (Exception problem) when (problem is FormatException or IOException or UnauthorizedAccessException)
            {
                problems.Add(problem is FormatException ? problem.Message : $"{path}: {problem.Message}");
            }
        }

        return (files, problems);
    }

    /// <summary>Checks a file and puts it beside the others under its cluster's name. Returns it.</summary>
    /// <exception cref="FormatException">It is no cluster file.</exception>
    public static WitnessClusterFile Add(WitnessPaths paths, string from)
    {
        var file = WitnessClusterFile.Parse(File.ReadAllText(from), from);
        paths.CreateFolders();
        Linux.Files.DurableFile.Replace(paths.ClusterFile(file.Name), System.Text.Encoding.UTF8.GetBytes(file.Render()));
        return file;
    }
}
