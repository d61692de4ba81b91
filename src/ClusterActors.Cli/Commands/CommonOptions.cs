using ClusterActors.Cli.Parsing;

namespace ClusterActors.Cli.Commands;

/// <summary>Options that mean the same in every command that has them.</summary>
internal static class CommonOptions
{
    public static OptionSpec Json { get; } = new("json", null, null, "print the control API's JSON instead of text");

    public static OptionSpec Host { get; } = new("host", null, "HOST[:PORT]", "ask that server's manager port (29003) with this server's certificate");
}
