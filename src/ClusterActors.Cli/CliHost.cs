using System.Text;

namespace ClusterActors.Cli;

/// <summary>What a command sees of the world, so that tests give it another one.</summary>
/// <param name="Root">Value of <c>CLP_ROOT</c>: prefix of every path; null = none.</param>
/// <param name="HostName">Name of this server.</param>
/// <param name="OutIsTerminal">Lines may be rewritten in place.</param>
internal sealed record CliHost(TextWriter Out, TextWriter Error, TimeProvider Time, string? Root, string HostName, bool OutIsTerminal)
{
    public static CliHost OfThisProcess() =>
        new(Writer(Console.OpenStandardOutput()), Writer(Console.OpenStandardError()), TimeProvider.System, Environment.GetEnvironmentVariable("CLP_ROOT"), Environment.MachineName, !Console.IsOutputRedirected);

    /// <summary>UTF-8 whatever the locale, as JSON must be, and a screen in one piece.</summary>
    private static TextWriter Writer(Stream stream) =>
        TextWriter.Synchronized(new StreamWriter(stream, new UTF8Encoding(false), bufferSize: 16 * 1024) { AutoFlush = true });

    /// <summary>A path of the product below the root.</summary>
    public string PathOf(string path) => string.IsNullOrEmpty(Root) ? path : System.IO.Path.Join(Root, path);
}
