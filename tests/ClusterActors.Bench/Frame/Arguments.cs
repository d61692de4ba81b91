namespace ClusterActors.Bench;

/// <summary>Options of the command line as <c>--name value</c>; a name that nobody asked for is an error.</summary>
internal sealed class Arguments
{
    private readonly Dictionary<string, List<string>> _values = new(StringComparer.Ordinal);

    /// <summary>Arguments that are not options, in order.</summary>
    public IReadOnlyList<string> Words { get; }

    /// <summary>Reads the arguments; <paramref name="allowed"/> are the option names without their dashes, <paramref name="flags"/> those without a value.</summary>
    public Arguments(IReadOnlyList<string> args, IReadOnlyCollection<string> allowed, IReadOnlyCollection<string>? flags = null)
    {
        var words = new List<string>();
        for (var i = 0; i < args.Count; i++)
        {
            if (!args[i].StartsWith("--", StringComparison.Ordinal))
            {
                words.Add(args[i]);
                continue;
            }

            var name = args[i][2..];
            var isFlag = flags?.Contains(name) == true;
            if (!isFlag && !allowed.Contains(name))
                throw new UsageException($"unknown option '{args[i]}'; allowed are {string.Join(", ", allowed.Concat(flags ?? []).Select(option => "--" + option))}");
            if (!isFlag && i + 1 >= args.Count)
                throw new UsageException($"option '{args[i]}' needs a value");
            if (!_values.TryGetValue(name, out var list))
                _values[name] = list = [];
            list.Add(isFlag ? "" : args[++i]);
        }

        Words = words;
    }

    public bool Has(string name) => _values.ContainsKey(name);

    public string? Text(string name) => _values.TryGetValue(name, out var list) ? list[^1] : null;

    public IReadOnlyList<string> All(string name) => _values.TryGetValue(name, out var list) ? list : [];

    public string Required(string name) => Text(name) ?? throw new UsageException($"option --{name} is missing");

    public int? Number(string name) => Text(name) is not { } text ? null
        : int.TryParse(text, out var number) && number > 0 ? number
        : throw new UsageException($"--{name} is '{text}'; must be a whole number above 0");

    /// <summary>A duration with its unit: <c>2ms</c>, <c>1.5s</c>, <c>10m</c>; a bare number counts seconds.</summary>
    public TimeSpan? Time(string name)
    {
        if (Text(name) is not { } text)
            return null;
        var (digits, seconds) = text switch
        {
            _ when text.EndsWith("us", StringComparison.Ordinal) => (text[..^2], 1e-6),
            _ when text.EndsWith("ms", StringComparison.Ordinal) => (text[..^2], 1e-3),
            _ when text.EndsWith('s') => (text[..^1], 1),
            _ when text.EndsWith('m') => (text[..^1], 60),
            _ => (text, 1.0),
        };
        return double.TryParse(digits, out var value) && value > 0
            ? TimeSpan.FromSeconds(value * seconds)
            : throw new UsageException($"--{name} is '{text}'; must be a time such as 2ms, 10s or 5m");
    }
}

/// <summary>The command line was wrong; the message says how.</summary>
internal sealed class UsageException(string message) : Exception(message);
