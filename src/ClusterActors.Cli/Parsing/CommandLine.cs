namespace ClusterActors.Cli.Parsing;

/// <summary>The parts of a command line.</summary>
/// <param name="Help"><c>--help</c> was given.</param>
internal sealed record CommandLine(CommandSpec? Command, IReadOnlyDictionary<string, string?> Options, IReadOnlyList<string> Operands, bool Help)
{
    private const int LongestName = 3;

    /// <exception cref="UsageException">Unknown command or option, a missing or needless value, too many or too few operands.</exception>
    public static CommandLine Parse(IReadOnlyList<CommandSpec> commands, IReadOnlyList<string> arguments)
    {
        if (arguments.Count == 0 || IsHelp(arguments[0]))
            return new CommandLine(null, new Dictionary<string, string?>(), [], arguments.Count > 0);
        var (command, used) = Find(commands, arguments);
        var line = new Parser(command).Parse(arguments, used);
        if (!line.Help && (line.Operands.Count < command.Operands.Min || line.Operands.Count > command.Operands.Max))
            throw new UsageException(Wording(command, line.Operands), command);
        return line;
    }

    private static bool IsHelp(string argument) => argument is "--help" or "help" or "-?";

    private static (CommandSpec Command, int Used) Find(IReadOnlyList<CommandSpec> commands, IReadOnlyList<string> arguments)
    {
        for (var count = Math.Min(LongestName, arguments.Count); count > 0; count--)
        {
            var words = arguments[0];
            for (var i = 1; i < count; i++)
                words += " " + arguments[i];
            foreach (var command in commands)
            {
                if (command.Words == words)
                    return (command, count);
            }
        }

        throw Unknown(commands, arguments);
    }

    private static UsageException Unknown(IReadOnlyList<CommandSpec> commands, IReadOnlyList<string> arguments)
    {
        var family = commands.Where(command => command.Words.StartsWith(arguments[0] + " ", StringComparison.Ordinal)).Select(command => command.Words).ToArray();
        return new UsageException(
            family.Length > 0
                ? $"clp {string.Join(' ', arguments.Take(2))}: there are {string.Join(", ", family)}"
                : $"clp {arguments[0]}: no such command; there are {string.Join(", ", commands.Select(command => command.Words))}",
            null);
    }

    private static string Wording(CommandSpec command, IReadOnlyList<string> operands) =>
        operands.Count > command.Operands.Max
            ? $"clp {command.Words}: '{operands[command.Operands.Max]}' is one too many; allowed: {(command.Operands.Max == 0 ? "options only" : command.Operands.Synopsis)}"
            : $"clp {command.Words}: {command.Operands.Synopsis} is missing";

    private sealed class Parser(CommandSpec command)
    {
        private readonly Dictionary<string, string?> _options = new(StringComparer.Ordinal);
        private readonly List<string> _operands = [];
        private bool _help;

        public CommandLine Parse(IReadOnlyList<string> arguments, int at)
        {
            while (at < arguments.Count)
            {
                var argument = arguments[at++];
                if (argument == "--")
                {
                    for (; at < arguments.Count; at++)
                        _operands.Add(arguments[at]);
                    break;
                }

                if (argument.Length < 2 || argument[0] != '-')
                    _operands.Add(argument);
                else if (IsHelp(argument))
                    _help = true;
                else
                    at = Option(argument, arguments, at);
            }

            return new CommandLine(command, _options, _operands, _help);
        }

        private int Option(string argument, IReadOnlyList<string> arguments, int at)
        {
            var equals = argument.StartsWith("--", StringComparison.Ordinal) ? argument.IndexOf('=') : -1;
            var name = equals < 0 ? argument : argument[..equals];
            var option = command.Options.FirstOrDefault(candidate => name == "--" + candidate.Name || (name.Length == 2 && name[1] == candidate.Short))
                ?? throw Wrong($"{name} is not known; allowed are {string.Join(", ", command.Options.Select(candidate => candidate.Display))}");
            string? value = null;
            if (option.Value is null && equals >= 0)
                throw Wrong($"{name} takes no value");
            if (option.Value is not null)
            {
                if (equals < 0 && (at >= arguments.Count || IsOption(arguments[at])))
                    throw Wrong($"{name} needs a value: {option.Display}");
                value = equals >= 0 ? argument[(equals + 1)..] : arguments[at++];
            }

            if (!_options.TryAdd(option.Name, value))
                throw Wrong($"{name} is given twice");
            return at;
        }

        private static bool IsOption(string argument) => argument.Length > 1 && argument[0] == '-' && !char.IsAsciiDigit(argument[1]);

        private UsageException Wrong(string sentence) => new($"clp {command.Words}: {sentence}", command);
    }
}
