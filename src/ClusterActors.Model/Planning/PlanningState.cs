using System.Collections.Immutable;
using ClusterActors.Model.Events;

namespace ClusterActors.Model.Planning;

/// <summary>What can be said about a group on a server from the evidence of a view.</summary>
internal enum Evidence
{
    /// <summary>A member reports it running, or possibly running.</summary>
    Active,

    /// <summary>A member reports it stopped.</summary>
    Stopped,

    /// <summary>The server's right to run groups is provably over.</summary>
    Over,

    /// <summary>A member that has not reported yet.</summary>
    Unreported,

    /// <summary>No member, and no proof.</summary>
    Unproven,
}

/// <summary>The view with lookups, and what the plan has decided so far. Lives for one call of <see cref="Planner.Plan"/>.</summary>
internal sealed class PlanningState
{
    private readonly Dictionary<ServerName, ServerView> _servers;
    private readonly Dictionary<GroupName, GroupView> _groups;
    private readonly Dictionary<ServerName, List<GroupName>> _occupants = [];
    private readonly List<EventDraft> _notices = [];
    private readonly List<GroupName> _settled = [];

    public PlanningState(ClusterView view, ClusterConfig config)
    {
        View = view;
        Config = config;
        _servers = view.Servers.ToDictionary(s => s.Name);
        _groups = view.Groups.ToDictionary(g => g.Record.Group);
        foreach (var group in view.Groups)
            foreach (var sighting in group.Sightings)
                if (EvidenceOf(group, sighting.Server) == Evidence.Active)
                    Occupy(sighting.Server, group.Record.Group);
        foreach (var group in view.Groups.Where(IsSaidToRun))
            Occupy(group.Record.Owner!, group.Record.Group);
    }

    /// <summary>By the record of an owner whose own report is still to come: what excludes the group must not be started beside it meanwhile.</summary>
    private bool IsSaidToRun(GroupView group) => group.Record is { Owner: { } owner, State: GroupState.Online or GroupState.OnlinePending or GroupState.OfflinePending }
        && EvidenceOf(group, owner) == Evidence.Unreported;

    public ClusterView View { get; }

    public ClusterConfig Config { get; }

    public ImmutableArray<EventDraft> Notices => [.. _notices];

    public ImmutableArray<GroupName> SettledWishes => [.. _settled];

    /// <summary>Servers whose known configuration is not the coordinator's.</summary>
    public IEnumerable<ServerView> DifferentlyConfigured => View.Servers.Where(s => s.ConfigHash is { } hash && hash != Config.Hash);

    public ServerView Server(ServerName name) => _servers.GetValueOrDefault(name) ?? new ServerView(name, ServerState.Unknown);

    public GroupView Group(GroupName name) => _groups.GetValueOrDefault(name) ?? new GroupView(GroupRecord.Initial(name), []);

    public bool IsMember(ServerName name) => View.Members.Contains(name);

    public Evidence EvidenceOf(GroupView group, ServerName server)
    {
        var view = Server(server);

        // "Down and clean" is the guardian's own promise and outranks an older word of its daemon.
        if (view.State == ServerState.Clean)
            return Evidence.Over;
        if (!IsMember(server))
            return view.GrantOver is null ? Evidence.Unproven : Evidence.Over;
        var sighting = group.Sightings.FirstOrDefault(s => s.Server == server);
        return sighting is null ? Evidence.Unreported : sighting.MayRun ? Evidence.Active : Evidence.Stopped;
    }

    /// <summary>Groups that are on a server or have been planned to go there.</summary>
    public IReadOnlyList<GroupName> OccupantsOf(ServerName server) => _occupants.GetValueOrDefault(server) ?? [];

    public void Occupy(ServerName server, GroupName group)
    {
        if (!_occupants.TryGetValue(server, out var list))
            _occupants[server] = list = [];
        if (!list.Contains(group))
            list.Add(group);
    }

    /// <summary>The group that the server could not stop, or null.</summary>
    public GroupName? NotStoppedOn(ServerName server) =>
        View.Groups
            .Where(g => EvidenceOf(g, server) == Evidence.Active
                && g.Sightings.Any(s => s.Server == server && s.State == GroupState.OfflineFailure))
            .Select(g => (GroupName?)g.Record.Group)
            .FirstOrDefault();

    public void Notice(EventDraft draft)
    {
        if (!_notices.Contains(draft))
            _notices.Add(draft);
    }

    /// <summary>Notes that the group's wished server, if one is named, is to be forgotten.</summary>
    public void SettleWish(GroupName group)
    {
        if (Group(group).Record.WishedServer is not null && !_settled.Contains(group))
            _settled.Add(group);
    }
}
