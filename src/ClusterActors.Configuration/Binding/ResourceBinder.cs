using ClusterActors.Hocon;
using ClusterActors.Model;
using ClusterActors.Model.Resources;

namespace ClusterActors.Configuration.Binding;

/// <summary>The resources of one group with their order.</summary>
internal sealed class ResourceBinder(BindingReport report, ClusterConfigOptions options, Section group)
{
    /// <summary>Types of the manuals and of the design that this version does not have yet: named so that nobody hunts for a typing error.</summary>
    private static readonly string[] LaterTypes = ["disk", "md", "raw", "vxdg", "vxvol", "lvm", "nfs", "ocf", "systemd", "container", "vip", "ddns"];

    private sealed record Bound(string Name, Section Section, ResourceTypeDescription Type, List<(string Text, Origin Origin)>? Written, ResourceParameters Parameters);

    public IReadOnlyList<ResourceConfig> Bind()
    {
        var sections = group.Named("resources", "resource");
        var names = sections.Select(s => s.Name).ToList();
        var bound = new List<Bound>();
        foreach (var (name, section) in sections)
        {
            PlainName.Check(name, "resource", section.Origin, report);
            if (BindOne(name, section, names) is { } resource) bound.Add(resource);
        }

        var needs = Order(bound);
        var cycles = Dependencies.Cycles(needs);
        foreach (var cycle in cycles)
        {
            bound.First(b => b.Name == cycle[0]).Section.Complain(
                "depends-on",
                $"resources of {group.Path} depend on each other: {string.Join(" -> ", cycle.Append(cycle[0]))}; none could start first, remove one of the dependencies");
        }

        var depths = cycles.Count == 0 ? Dependencies.Depths(needs) : [];
        return [.. bound.Select(b => Finish(b, needs[b.Name], depths.GetValueOrDefault(b.Name)))];
    }

    private Bound? BindOne(string name, Section section, List<string> names)
    {
        var dependsOn = section.Texts("depends-on", "a list of resource names of the same group such as [address]");
        foreach (var (index, (other, origin)) in (dependsOn ?? []).Index())
        {
            if (dependsOn!.FindIndex(d => d.Text == other) < index) report.Add(origin, $"{section.FullPath("depends-on")} names '{other}' twice; remove one");
            if (other == name) report.Add(origin, $"{section.FullPath("depends-on")} names the resource itself; remove '{other}'");
            else if (!names.Contains(other))
                report.Add(origin, $"{section.FullPath("depends-on")} names '{other}', which is no resource of this group{Words.DidYouMean(other, names)}; they are {Words.List(names)}");
        }

        var types = options.ResourceTypes.Select(t => t.Type).ToList();
        if (!section.Require("type", $"write type = one of {Words.List(types)}") || section.Text("type") is not { } typeName)
        {
            CheckWithoutType(section);
            return null;
        }

        if (options.ResourceTypes.FirstOrDefault(t => t.Type == typeName) is not { } type)
        {
            section.Complain("type", LaterTypes.Contains(typeName)
                ? $"{section.FullPath("type")} is '{typeName}', which is not available in this version; use one of {Words.List(types)}, or remove the resource"
                : $"{section.FullPath("type")} is '{typeName}'; it must be one of {Words.List(types)}{Words.DidYouMean(typeName, types)}");
            if (!LaterTypes.Contains(typeName)) CheckWithoutType(section);
            return null;
        }

        section.ReportUnknownKeys(type.Parameters.Select(p => p.Key));
        return new Bound(name, section, type, dependsOn, ParameterBinder.Bind(section, type));
    }

    /// <summary>What every type has is checked all the same, and what none has is unknown.</summary>
    private void CheckWithoutType(Section section)
    {
        section.ReportUnknownKeys(options.ResourceTypes.SelectMany(t => t.Parameters).Select(p => p.Key).Distinct());
        _ = Common(section);
    }

    private sealed record CommonKeys(int? StartRetries, int? Restarts, FinalAction? StartFinalAction, int? StopRetries, FinalAction? StopFinalAction);

    private static CommonKeys Common(Section section) => new(
        section.Integer("start-retries", 0, 100),
        section.Integer("restarts", 0, 100),
        section.Choice<FinalAction>("start-final-action"),
        section.Integer("stop-retries", 0, 100),
        section.Choice<FinalAction>("stop-final-action"));

    /// <summary>
    /// Who needs whom. A resource that says nothing needs every resource whose type comes earlier, except those that need it by their
    /// own words: what is written beats what is usual.
    /// </summary>
    private static Dictionary<string, IReadOnlyList<string>> Order(List<Bound> bound)
    {
        var written = bound.ToDictionary(
            b => b.Name,
            b => (IReadOnlyList<string>)[.. (b.Written ?? []).Select(w => w.Text).Where(n => n != b.Name && bound.Any(o => o.Name == n)).Distinct()]);
        return bound.ToDictionary(
            b => b.Name,
            b => b.Written is not null
                ? written[b.Name]
                : [.. bound.Where(o => o.Type.StartOrder < b.Type.StartOrder && !Dependencies.Reaches(o.Name, b.Name, written)).Select(o => o.Name)]);
    }

    private static ResourceConfig Finish(Bound bound, IReadOnlyList<string> needs, int depth)
    {
        var section = bound.Section;
        var common = Common(section);
        return new ResourceConfig(
            new ResourceName(bound.Name),
            bound.Type.Type,
            depth,
            [.. needs.Select(n => new ResourceName(n))],
            common.StartRetries ?? bound.Type.DefaultStartRetries,
            common.Restarts ?? bound.Type.DefaultRestarts,
            common.StartFinalAction ?? FinalAction.NoOperation,
            common.StopRetries ?? 0,
            common.StopFinalAction ?? FinalAction.NoOperation,
            bound.Parameters,
            BindingReport.Location(section.Origin))
        {
            Exclusion = bound.Type.ExclusionOf(bound.Parameters),
        };
    }
}
