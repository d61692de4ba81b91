namespace ClusterActors.Configuration.Tests;

/// <summary>Files beside the tests that hold what is expected.</summary>
internal static class Golden
{
    public static string Case(string name) => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "cases", name));

    public static string Hocon(string name) => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "hocon", name));

    /// <summary>Compares line by line, so that a difference names its line. With GOLDEN_OUT set, what was found is written to that directory.</summary>
    public static void AssertEqual(string expectedFile, string actual)
    {
        if (Environment.GetEnvironmentVariable("GOLDEN_OUT") is { } directory) File.WriteAllText(Path.Combine(directory, expectedFile), actual + "\n");
        var expected = Case(expectedFile).TrimEnd().Split('\n');
        var found = actual.TrimEnd().Split('\n');
        for (var i = 0; i < Math.Min(expected.Length, found.Length); i++) Assert.Equal(expected[i], found[i]);
        Assert.Equal(expected.Length, found.Length);
    }
}
