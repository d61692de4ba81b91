using ClusterActors.Control;

namespace ClusterActors.Cli.Parsing;

/// <summary>An option of a command: parsing, help and the reference text come from this one description.</summary>
/// <param name="Name">Long name without dashes.</param>
/// <param name="Short">The manuals' letter, or null.</param>
/// <param name="Value">Name of its value in help; null = a switch.</param>
internal sealed record OptionSpec(string Name, char? Short, string? Value, string Help)
{
    public string Display => (Short is { } letter ? $"-{letter}, " : "") + $"--{Name}" + (Value is null ? "" : $" {Value}");
}

/// <summary>What the command line may hold besides options.</summary>
/// <param name="Synopsis">As help shows it, such as <c>[GROUP]</c>.</param>
internal sealed record OperandSpec(string Synopsis, int Min, int Max)
{
    public static readonly OperandSpec None = new("", 0, 0);
}

/// <summary>One command.</summary>
/// <param name="Words">Its name, one or more words.</param>
/// <param name="Details">Sentences for help and reference.</param>
internal sealed record CommandSpec(
    string Words, string Summary, string Details, OperandSpec Operands, IReadOnlyList<OptionSpec> Options, Func<Invocation, Task<ExitCode>> RunAsync)
{
    public string Synopsis => $"clp {Words} [OPTIONS]" + (Operands.Synopsis.Length > 0 ? " " + Operands.Synopsis : "");
}
