using ClusterActors.Cli.Parsing;
using ClusterActors.Control;

namespace ClusterActors.Cli.Commands;

/// <summary><c>clp commands --json</c>.</summary>
internal sealed record CommandsJson(IReadOnlyList<CommandJson> Commands, IReadOnlyList<ExitCodeJson> ExitCodes);

/// <param name="Alias">The manuals' name for it.</param>
/// <param name="Operands">As help shows them, such as <c>[GROUP]</c>.</param>
internal sealed record CommandJson(string Name, string? Alias, string Summary, string Details, string Operands, IReadOnlyList<OptionJson> Options);

/// <param name="Value">Name of its value; left out for a switch.</param>
internal sealed record OptionJson(string Name, char? Short, string? Value, string Help);

internal sealed record ExitCodeJson(int Code, ExitCode Name, string Meaning);

/// <summary><c>clp commands</c>.</summary>
internal static class CommandsCommand
{
    public static Task<ExitCode> RunAsync(Invocation invocation)
    {
        invocation.AnswerText(Json, CliJson.Default.CommandsJson, static () => Parsing.ReferenceText.Render(CommandTable.All));
        return Task.FromResult(ExitCode.Done);
    }

    private static CommandsJson Json() => new(
        [.. CommandTable.All.Select(command => new CommandJson(
            command.Words, CallName.AliasOf(command.Words), command.Summary, command.Details, command.Operands.Synopsis,
            [.. command.Options.Select(option => new OptionJson(option.Name, option.Short, option.Value, option.Help))]))],
        [.. ExitCodes.All.Select(entry => new ExitCodeJson((int)entry.Code, entry.Code, entry.Meaning))]);
}
