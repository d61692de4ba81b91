using System.Text.RegularExpressions;

namespace ClusterActors.Architecture.Tests;

/// <summary>The files of the checkout that the tests read. Build products are left out.</summary>
internal static class Checkout
{
    private static readonly string[] BuildProducts = ["bin", "obj", "out", "TestResults"];

    /// <summary>Directory of the solution file.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>All text files, as paths relative to <see cref="Root"/> with forward slashes.</summary>
    public static IReadOnlyList<string> TextFiles { get; } =
    [
        .. Walk(Root).Where(path => Regex.IsMatch(path, @"\.(cs|csproj|props|sln|md|conf|sh|json|service|sysusers|txt|editorconfig)$") || !Path.GetFileName(path).Contains('.'))
            .Select(path => Path.GetRelativePath(Root, path)).Order(StringComparer.Ordinal),
    ];

    /// <summary>C# files of the product, without what the compiler generates.</summary>
    public static IReadOnlyList<string> ProductSources { get; } =
        [.. TextFiles.Where(path => path.StartsWith("src/", StringComparison.Ordinal) && path.EndsWith(".cs", StringComparison.Ordinal))];

    /// <summary>Project files below src and tests.</summary>
    public static IReadOnlyList<string> Projects { get; } = [.. TextFiles.Where(path => path.EndsWith(".csproj", StringComparison.Ordinal))];

    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    private static IEnumerable<string> Walk(string directory)
    {
        foreach (var file in Directory.GetFiles(directory))
            yield return file;
        foreach (var child in Directory.GetDirectories(directory))
        {
            var name = Path.GetFileName(child);
            if (BuildProducts.Contains(name) || (name.StartsWith('.') && name != ".ci"))
                continue;
            foreach (var file in Walk(child))
                yield return file;
        }
    }

    private static string FindRoot()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "ClusterActors.sln")))
                return at.FullName;
        }

        throw new InvalidOperationException($"no ClusterActors.sln above {AppContext.BaseDirectory}; run the tests from a checkout");
    }
}
