using System.Collections.Immutable;
using ClusterActors.Hocon.Resolving;
using ClusterActors.Hocon.Syntax;
using ClusterActors.Hocon.Tree;

namespace ClusterActors.Hocon;

/// <summary>Value of an environment variable, null when it is not set. Only asked for substitutions that the configuration lacks.</summary>
public delegate string? EnvironmentLookup(string name);

/// <summary>Where substitutions that are not in the configuration may come from.</summary>
public static class ConfigEnvironment
{
    /// <summary>Nowhere: the same text gives the same values on every server.</summary>
    public static readonly EnvironmentLookup None = _ => null;

    /// <summary>The environment of this process.</summary>
    public static readonly EnvironmentLookup Process = Environment.GetEnvironmentVariable;
}

/// <summary>
/// A parsed text whose substitutions are not resolved yet. Documents are laid over each other first and resolved once, so that a
/// substitution in one may find its value in another.
/// </summary>
public sealed class ConfigDocument
{
    private readonly ImmutableArray<RawItem> _layers;

    private ConfigDocument(ImmutableArray<RawItem> layers, ImmutableArray<ConfigException> problems)
    {
        _layers = layers;
        Problems = problems;
    }

    /// <summary>Mistakes found while reading, in order; the damaged fields are <see cref="ConfigValueKind.Invalid"/>.</summary>
    public ImmutableArray<ConfigException> Problems { get; }

    /// <summary>Parses a text. Mistakes do not throw, they are in <see cref="Problems"/>. Includes are refused.</summary>
    public static ConfigDocument Parse(string text, string origin) => Parse(text, origin, includer: null);

    /// <summary>This document over another, as if the other's text came first.</summary>
    public ConfigDocument WithFallback(ConfigDocument below) => new(_layers.AddRange(below._layers), Problems.AddRange(below.Problems));

    /// <summary>Resolves everything. Throws the first problem when there is one, or when the root is a list.</summary>
    public Config Resolve(EnvironmentLookup? environment = null) => new(RequireObject(ResolveValue(environment)));

    /// <summary>As <see cref="Resolve"/>, for texts whose root may be a list.</summary>
    public ConfigValue ResolveValue(EnvironmentLookup? environment = null)
    {
        if (!Problems.IsEmpty) throw Problems[0];
        return Build(environment, problems: null);
    }

    /// <summary>
    /// Resolves what can be resolved and reports every problem, those of reading included, by line. Values that could not be resolved
    /// are <see cref="ConfigValueKind.Invalid"/>.
    /// </summary>
    public Config ResolveAll(EnvironmentLookup? environment, out ImmutableArray<ConfigException> problems)
    {
        var found = new List<ConfigException>(Problems);
        var value = Build(environment, found);
        if (value is not ConfigObject root)
        {
            if (value is ConfigList) found.Add(NotAnObject(value));
            root = new ConfigObject([], value.Origin);
        }

        problems = [.. found.DistinctBy(p => p.Message).OrderBy(p => p.Origin.File, StringComparer.Ordinal).ThenBy(p => p.Origin.Line)];
        return new Config(root);
    }

    internal static ConfigDocument Parse(string text, string origin, IIncluder? includer)
    {
        var problems = new List<ConfigException>();
        var root = HoconParser.Parse(text, SourceScope.Outermost(origin, includer, problems));
        return new ConfigDocument([new RawItem(root, new Origin(origin, 1), isWritten: true)], [.. problems]);
    }

    private ConfigValue Build(EnvironmentLookup? environment, List<ConfigException>? problems) =>
        new Resolver(new Chain(_layers), environment ?? ConfigEnvironment.None, problems).Build() ?? new ConfigObject([], _layers[0].KeyOrigin);

    private static ConfigObject RequireObject(ConfigValue value) => value as ConfigObject ?? throw NotAnObject(value);

    private static ConfigSyntaxException NotAnObject(ConfigValue value) =>
        new(value.Origin, "the file holds a list; a configuration is an object of keys and values, remove the outer brackets");
}
