using System.Text;

namespace ClusterActors.Cli.Parsing;

/// <summary>Help on the terminal, made of the command table.</summary>
internal static class HelpText
{
    public static string Overview(IReadOnlyList<CommandSpec> commands)
    {
        var text = new StringBuilder("usage: clp COMMAND [OPTIONS]\n\n");
        foreach (var command in commands)
        {
            var alias = CallName.AliasOf(command.Words) is { } name ? $" ({name})" : "";
            text.Append("  ").Append((command.Words + alias).PadRight(24)).Append(command.Summary).Append('\n');
        }

        return text.Append("\nclp COMMAND --help tells its options. Exit codes: ").Append(ExitCodes.OneLine).Append('\n').ToString();
    }

    public static string Of(CommandSpec command)
    {
        var text = new StringBuilder("usage: ").Append(command.Synopsis).Append('\n');
        if (CallName.AliasOf(command.Words) is { } alias)
            text.Append("       ").Append(alias).Append(" [OPTIONS]").Append(command.Operands.Synopsis.Length > 0 ? " " : "").Append(command.Operands.Synopsis).Append('\n');
        text.Append('\n').Append(command.Summary).Append(command.Details.Length > 0 ? ". " : "").Append(command.Details).Append('\n');
        if (command.Options.Count > 0)
            text.Append('\n');
        foreach (var option in command.Options)
            text.Append("  ").Append(option.Display.PadRight(26)).Append(option.Help).Append('\n');
        return text.ToString();
    }
}
