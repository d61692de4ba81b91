using System.Xml;
using System.Xml.Linq;

namespace ClusterActors.Arbiters.Fence;

/// <param name="Required">The agent refuses to run without it (unless it has a default).</param>
/// <param name="Type">boolean, string, integer, second or select, as the agent says.</param>
public sealed record FenceParameter(string Name, bool Required, string Type, string? Default, bool IsDeprecated, string Description)
{
    /// <summary>Older name of the same option, listed beside it; null = none.</summary>
    public string? Obsoletes { get; init; }
}

/// <param name="Automatic">For <c>on</c>: the agent wants it called before a server may start anything (unfencing).</param>
public sealed record FenceAgentAction(string Name, bool Automatic);

/// <summary>What a fence agent says about itself: the XML that it prints for the action metadata (FenceAgentAPI of the Linux-HA project).</summary>
public sealed record FenceMetadata(string Name, string Description, IReadOnlyList<FenceParameter> Parameters, IReadOnlyList<FenceAgentAction> Actions)
{
    /// <summary>
    /// A server must be let in again by <c>on</c> before it starts anything: so the convention tells the agents that shut a server out of
    /// something, from those that stop it.
    /// </summary>
    public bool NeedsUnfencing => Actions.Any(a => a is { Name: "on", Automatic: true });

    public bool Can(string action) => Actions.Any(a => a.Name == action);

    /// <exception cref="FormatException">It is not what an agent prints; the message says what is wrong.</exception>
    public static FenceMetadata Parse(string xml)
    {
        ArgumentNullException.ThrowIfNull(xml);
        try
        {
            using var reader = XmlReader.Create(new StringReader(xml.TrimStart()), new XmlReaderSettings { DtdProcessing = DtdProcessing.Ignore, XmlResolver = null });
            return Read(XDocument.Load(reader).Root!);
        }
        catch (XmlException wrong)
        {
            throw new FormatException($"metadata is no well-formed XML: {wrong.Message}", wrong);
        }
    }

    private static FenceMetadata Read(XElement root)
    {
        if (root.Name.LocalName != "resource-agent" || Text(root, "name") is not { Length: > 0 } name)
            throw new FormatException($"metadata begins with <{root.Name.LocalName}>; must be <resource-agent name=\"...\">");
        var actions = root.Elements("actions").Elements("action")
            .Select(a => new FenceAgentAction(Text(a, "name") ?? throw new FormatException("an action has no name"), IsSet(a, "automatic")))
            .ToList();
        if (actions.Count == 0)
            throw new FormatException($"metadata of {name} lists no action");
        return new(name, Text(root, "shortdesc") ?? "", [.. root.Elements("parameters").Elements("parameter").Select(Parameter)], actions);
    }

    private static FenceParameter Parameter(XElement element) => new(
        Text(element, "name") ?? throw new FormatException("a parameter has no name"),
        IsSet(element, "required"),
        element.Element("content") is { } content ? Text(content, "type") ?? "string" : "string",
        element.Element("content") is { } value ? Text(value, "default") : null,
        IsSet(element, "deprecated"),
        element.Element("shortdesc")?.Value.Trim() ?? "")
    {
        Obsoletes = Text(element, "obsoletes"),
    };

    private static string? Text(XElement element, string attribute) => element.Attribute(attribute)?.Value;

    private static bool IsSet(XElement element, string attribute) => Text(element, attribute) is "1" or "true";
}
