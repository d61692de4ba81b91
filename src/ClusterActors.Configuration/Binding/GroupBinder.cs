using ClusterActors.Hocon;
using ClusterActors.Model;

namespace ClusterActors.Configuration.Binding;

/// <summary>The groups, their servers and whom they wait for.</summary>
internal sealed class GroupBinder(BindingReport report, ClusterConfigOptions options, Section root, IReadOnlyList<string> serverNames)
{
    private const string ServerForms = "a list of server names, the most preferred first, such as [server1, server2]";

    public IReadOnlyList<GroupConfig> Bind()
    {
        var sections = root.Named("groups", "group");
        var names = sections.Select(s => s.Name).ToList();
        var groups = new List<GroupConfig>();
        foreach (var (name, section) in sections)
        {
            section.ReportUnknownKeys();
            PlainName.Check(name, "group", section.Origin, report);
            groups.Add(BindOne(name, section, names));
        }

        ReportWaitCycles(groups, sections);
        return groups;
    }

    private GroupConfig BindOne(string name, Section section, List<string> groupNames)
    {
        var waitFor = section.Texts("wait-for", "a list of group names such as [database]") ?? [];
        CheckNames(section, "wait-for", waitFor, groupNames, "group", own: name);
        var resources = new ResourceBinder(report, options, section).Bind();
        if (resources.Count == 0 && !section.IsWritten("resources"))
            section.Complain("resources", $"{section.Path} has no resources; write resources {{ NAME {{ type = ... }} }}, or remove the group");

        // Stand-ins for what was wrong: the problem has been reported, see ClusterBinder.
        return new GroupConfig(
            new GroupName(name),
            [.. BindServers(section).Select(s => new ServerName(s))],
            section.Choice<StartUp>("start-up") ?? StartUp.Manual,
            section.Choice<FailoverMode>("failover") ?? FailoverMode.Manual,
            section.Choice<FailbackMode>("failback") ?? FailbackMode.Manual,
            section.Choice<Exclusion>("exclusion") ?? Exclusion.None,
            [.. waitFor.Where(w => groupNames.Contains(w.Text)).Select(w => new GroupName(w.Text))],
            section.Duration("wait-timeout", TimeSpan.FromSeconds(1), TimeSpan.FromHours(24)) ?? TimeSpan.Zero,
            section.Integer("failover-threshold", 1, 1000) ?? 1,
            resources,
            BindingReport.Location(section.Origin))
        {
            FailbackHoldDown = section.Duration("failback-hold-down", TimeSpan.Zero, TimeSpan.FromHours(24)) ?? TimeSpan.Zero,
            BothActivationCheck = section.Choice<Switch>("both-activation-check") != Switch.Off,
        };
    }

    private IEnumerable<string> BindServers(Section section)
    {
        if (!section.Require("servers", $"write servers = {ServerForms}") || section.Texts("servers", ServerForms) is not { } servers) return [];
        if (servers.Count == 0) section.Complain("servers", $"{section.FullPath("servers")} is empty, so the group could run nowhere; write {ServerForms}");
        CheckNames(section, "servers", servers, serverNames, "server", own: null, StringComparison.OrdinalIgnoreCase);
        return servers.Select(s => s.Text);
    }

    /// <summary>Reports names that are not there, that are the thing itself, or that are listed twice.</summary>
    private void CheckNames(
        Section section,
        string key,
        List<(string Text, Origin Origin)> names,
        IReadOnlyList<string> known,
        string kind,
        string? own,
        StringComparison comparison = StringComparison.Ordinal)
    {
        for (var i = 0; i < names.Count; i++)
        {
            var (name, origin) = names[i];
            var where = section.FullPath(key);
            if (name.Equals(own, comparison)) report.Add(origin, $"{where} names the {kind} itself; remove '{name}'");
            else if (!known.Any(k => k.Equals(name, comparison)))
                report.Add(origin, $"{where} names '{name}', which is no {kind}{Words.DidYouMean(name, known)}; the {kind}s are {Words.List(known)}");
            if (names.Take(i).Any(n => n.Text.Equals(name, comparison))) report.Add(origin, $"{where} names '{name}' twice; remove one");
        }
    }

    private static void ReportWaitCycles(List<GroupConfig> groups, List<NamedSection> sections)
    {
        var waits = groups.ToDictionary(g => g.Name.Value, g => (IReadOnlyList<string>)[.. g.WaitFor.Select(w => w.Value).Where(w => w != g.Name.Value)]);
        foreach (var cycle in Dependencies.Cycles(waits))
            sections.First(s => s.Name == cycle[0]).Section.Complain("wait-for", $"groups wait for each other: {string.Join(" -> ", cycle.Append(cycle[0]))}; none would ever start, remove one of the waits");
    }
}
