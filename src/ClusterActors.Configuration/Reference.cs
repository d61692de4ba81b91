using System.Text;
using ClusterActors.Hocon;

namespace ClusterActors.Configuration;

/// <summary>The built-in reference.conf: the one place of defaults.</summary>
public static class Reference
{
    private static readonly Lazy<string> LazyText = new(Read);
    private static readonly Lazy<Config> LazyConfig = new(() => Config.Parse(Text, "reference.conf"));

    /// <summary>The file as it is, comments included: what <c>clp config reference</c> prints.</summary>
    public static string Text => LazyText.Value;

    /// <summary>The file, read.</summary>
    public static Config Config => LazyConfig.Value;

    private static string Read()
    {
        using var stream = typeof(Reference).Assembly.GetManifestResourceStream("reference.conf")
            ?? throw new InvalidOperationException("reference.conf is not built into ClusterActors.Configuration");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
