using System.Text;

namespace ClusterActors.Cli.Parsing;

/// <summary>docs/COMMANDS.md, made of the command table by <c>clp commands</c>; a test compares the two.</summary>
internal static class ReferenceText
{
    public static string Render(IReadOnlyList<CommandSpec> commands)
    {
        var text = new StringBuilder("""
            # Commands

            Made by `clp commands > docs/COMMANDS.md`; do not edit by hand.

            Every command asks the daemon of this server through its local socket, or with `--host` another server's daemon through its
            manager port and this server's certificate. Root may change things; members of the group `clp` may look. No command waits
            without a bound. Lines of a result go to standard output, refusals and problems to standard error.


            """);
        Aliases(text);
        foreach (var command in commands)
            Command(text, command);
        ExitTable(text);
        return text.ToString();
    }

    private static void Aliases(StringBuilder text)
    {
        text.Append("The manuals' names are links to `clp`:\n\n| name | command |\n| --- | --- |\n");
        foreach (var name in CallName.Names)
            text.Append("| `").Append(name).Append("` | `clp ").AppendJoin(' ', CallName.Expand(name, [])).Append("` |\n");
        text.Append('\n');
    }

    private static void Command(StringBuilder text, CommandSpec command)
    {
        text.Append("## clp ").Append(command.Words).Append("\n\n").Append(char.ToUpperInvariant(command.Summary[0])).Append(command.Summary, 1, command.Summary.Length - 1).Append('.');
        text.Append(command.Details.Length > 0 ? " " : "").Append(command.Details).Append("\n\n    ").Append(command.Synopsis).Append("\n\n");
        if (command.Options.Count == 0)
            return;
        text.Append("| option | meaning |\n| --- | --- |\n");
        foreach (var option in command.Options)
            text.Append("| `").Append(option.Display.Replace("|", "\\|", StringComparison.Ordinal)).Append("` | ").Append(option.Help).Append(" |\n");
        text.Append('\n');
    }

    private static void ExitTable(StringBuilder text)
    {
        text.Append("## Exit codes\n\n| code | meaning |\n| --- | --- |\n");
        foreach (var (code, meaning) in ExitCodes.All)
            text.Append("| ").Append((int)code).Append(" | ").Append(meaning).Append(" |\n");
    }
}
