namespace ClusterActors.Hocon;

/// <summary>
/// Anything wrong with a configuration text or with a value asked of it. The message starts with <c>file:line:</c> and says what was
/// found, what is allowed and what to do.
/// </summary>
public abstract class ConfigException(Origin origin, string problem) : Exception($"{origin}: {problem}")
{
    /// <summary>Where the offending text stands.</summary>
    public Origin Origin { get; } = origin;

    /// <summary>The message without its <c>file:line:</c>.</summary>
    public string Problem { get; } = problem;
}

/// <summary>The text is not HOCON.</summary>
public sealed class ConfigSyntaxException(Origin origin, string problem) : ConfigException(origin, problem);

/// <summary>A file that is included or loaded cannot be used: missing though required, unreadable, not UTF-8, included by itself.</summary>
public sealed class ConfigFileException(Origin origin, string problem) : ConfigException(origin, problem);

/// <summary>A <c>${substitution}</c> has no value, is part of a cycle, or joins values that cannot be joined.</summary>
public sealed class ConfigResolveException(Origin origin, string problem) : ConfigException(origin, problem);

/// <summary>A value that was asked for is not there, or is null.</summary>
public sealed class ConfigMissingException(Origin origin, string path, string problem) : ConfigException(origin, problem)
{
    /// <summary>The full path that was asked for.</summary>
    public string Path { get; } = path;
}

/// <summary>A value is there but is not what was asked for: another type, a wrong unit, out of range.</summary>
public sealed class ConfigTypeException(Origin origin, string path, string problem) : ConfigException(origin, problem)
{
    /// <summary>The full path that was asked for.</summary>
    public string Path { get; } = path;
}
