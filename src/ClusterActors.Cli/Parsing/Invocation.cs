using System.Globalization;
using ClusterActors.Control;

namespace ClusterActors.Cli.Parsing;

/// <summary>A parsed command line with the world it runs in.</summary>
internal sealed class Invocation(
    CommandSpec command, IReadOnlyDictionary<string, string?> options, IReadOnlyList<string> operands, CliHost host, CancellationToken cancellation)
{
    public CommandSpec Command => command;

    public CliHost Host => host;

    public CancellationToken Cancellation => cancellation;

    public IReadOnlyList<string> Operands => operands;

    public string? Operand => operands.Count > 0 ? operands[0] : null;

    public bool Has(string option) => options.ContainsKey(option);

    public string? Text(string option) => options.GetValueOrDefault(option);

    /// <exception cref="UsageException">Not a number within the bounds.</exception>
    public double Number(string option, double otherwise, double min, double max)
    {
        if (Text(option) is not { } text)
            return otherwise;
        return double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) && value >= min && value <= max
            ? value
            : throw new UsageException($"--{option} {text}: must be a number from {min.ToString(CultureInfo.InvariantCulture)} to {max.ToString(CultureInfo.InvariantCulture)}", command);
    }

    /// <summary>The one of these switches that was given.</summary>
    /// <exception cref="UsageException">None (and no default), or more than one.</exception>
    public string OneOf(string? otherwise, params string[] names)
    {
        var given = Array.FindAll(names, Has);
        if (given.Length == 1)
            return given[0];
        if (given.Length == 0 && otherwise is not null)
            return otherwise;
        throw OtherThanOne(given, names);
    }

    private UsageException OtherThanOne(string[] given, string[] names)
    {
        var listed = string.Join(", ", names.Select(name => command.Options.First(option => option.Name == name) is { Short: { } letter } ? $"-{letter}" : $"--{name}"));
        return new UsageException(given.Length == 0 ? $"one of {listed} must be given" : $"only one of {listed} may be given", command);
    }

    public CommandOptions CommandOptions(double defaultWait) =>
        new(Number("wait", defaultWait, 0, 86_400), Has("dry-run"), Text("reason"));
}

/// <summary>The command line is written wrongly; exit code 1.</summary>
internal sealed class UsageException(string message, CommandSpec? command) : ControlException(ExitCode.Usage, message)
{
    public CommandSpec? Command => command;
}
