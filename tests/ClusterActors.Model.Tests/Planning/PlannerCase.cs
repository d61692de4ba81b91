using System.Globalization;
using ClusterActors.Model.Planning;
using ClusterActors.Model.Resources;

namespace ClusterActors.Model.Tests.Planning;

/// <summary>Reads the case format that README.md in this folder describes. Strict: a statement that it does not know is an error.</summary>
internal sealed class PlannerCase
{
    private static readonly SourceLocation Nowhere = new("case", 0);

    private readonly List<ServerName> _servers = [];
    private readonly List<GroupConfig> _groups = [];
    private readonly Dictionary<ServerName, ServerView> _views = [];
    private readonly Dictionary<GroupName, GroupRecord> _records = [];
    private readonly Dictionary<(GroupName, ServerName), GroupSighting> _sightings = [];
    private readonly HashSet<(GroupName, ServerName)> _silent = [];
    private readonly HashSet<GroupName> _expired = [];
    private string _hash = "h1";
    private PartitionPolicy _policy = PartitionPolicy.TakeOver;
    private Term _term = new(1, 0);
    private List<ServerName>? _members;
    private string? _invalid;
    private bool _settlesSoon;
    private bool _suspended;
    private string? _unknown;
    private StartupWait? _wait;

    public static (ClusterView View, ClusterConfig Config) Read(string text)
    {
        var found = new PlannerCase();
        foreach (var line in text.Split('\n'))
            if (CaseLine.Parse(line) is { } statement)
                found.Take(statement);
        return (found.View(), found.Config());
    }

    private void Take(CaseLine line)
    {
        switch (line.Keyword)
        {
            case "config":
                _hash = line.Value("hash") ?? _hash;
                _policy = Choice(line.Value("policy"), PartitionPolicy.TakeOver);
                break;
            case "servers":
                _servers.AddRange(line.Words.Select(w => new ServerName(w)));
                break;
            case "group":
                _groups.Add(Group(line));
                break;
            case "view":
                _term = line.Value("term") is { } term ? Term(term) : _term;
                _members = line.Value("members") is { } members ? Names(members) : null;
                _invalid = line.Value("invalid");
                _settlesSoon = line.Flag("settles-soon");
                _unknown = line.Value("wishes-unknown");
                _suspended = line.Flag("suspended") || _unknown is not null;
                break;
            case "startup-wait":
                _wait = new StartupWait(Names(line.Value("servers")), TimeSpan.FromSeconds(double.Parse(line.Value("remaining")!, CultureInfo.InvariantCulture)));
                break;
            case "server":
                var server = new ServerName(line.Words[0]);
                _views[server] = new ServerView(server, Choice(line.Words[1], ServerState.Up), line.Value("grant-over"),
                    line.Value("hash") ?? _hash, line.Flag("leaving"), line.Value("cause"))
                {
                    Mode = Choice(line.Value("mode"), ServerMode.Normal),
                    ModeReason = line.Value("reason") ?? "",
                    UpFor = line.Value("up-for") is { } seconds ? TimeSpan.FromSeconds(int.Parse(seconds, CultureInfo.InvariantCulture)) : null,
                    WhyNoStart = line.Value("no-start"),
                };
                break;
            case "record":
                _records[new GroupName(line.Words[0])] = Record(line);
                break;
            case "report":
                var reporter = new ServerName(line.Words[1]);
                var group = new GroupName(line.Words[0]);
                _sightings[(group, reporter)] = new GroupSighting(reporter, Choice(line.Words[2], GroupState.Offline), line.Flag("active"),
                    Term(line.Value("term") ?? "1.0"), [.. Split(line.Value("not-stopping")).Select(r => new ResourceName(r))])
                { IsAheadOfRecord = line.Flag("not-stored") };
                break;
            case "silent":
                _silent.Add((new GroupName(line.Words[0]), new ServerName(line.Words[1])));
                break;
            case "wait-expired":
                _expired.Add(new GroupName(line.Words[0]));
                break;
            default:
                throw new FormatException($"unknown statement {line.Keyword}");
        }

        line.RefuseUnread();
    }

    private GroupConfig Group(CaseLine line)
    {
        var final = line.Value("stop-final") is { } number ? (FinalAction)int.Parse(number, CultureInfo.InvariantCulture) : FinalAction.StopDaemonAndShutDown;
        var resource = new ResourceConfig(new ResourceName("address"), "fip", 0, [], 0, 0, FinalAction.NoOperation, 0, final, ResourceParameters.Empty, Nowhere);
        return new GroupConfig(
            new GroupName(line.Words[0]),
            line.Value("servers") is { } servers ? Names(servers) : [.. _servers],
            Choice(line.Value("startup"), StartUp.Auto),
            Choice(line.Value("failover"), FailoverMode.Auto),
            Choice(line.Value("failback"), FailbackMode.Manual),
            Choice(line.Value("exclusion"), Exclusion.None),
            [.. Split(line.Value("waits")).Select(g => new GroupName(g))],
            TimeSpan.FromSeconds(1800),
            int.Parse(line.Value("threshold") ?? "1", CultureInfo.InvariantCulture),
            [resource],
            Nowhere)
        {
            FailbackHoldDown = TimeSpan.FromSeconds(int.Parse(line.Value("hold-down") ?? "0", CultureInfo.InvariantCulture)),
        };
    }

    private GroupRecord Record(CaseLine line) => GroupRecord.Initial(new GroupName(line.Words[0])) with
    {
        State = Choice(line.Words[1], GroupState.Offline),
        Owner = line.Value("owner") is { } owner ? new ServerName(owner) : null,
        Term = Term(line.Value("term") ?? "1.0"),
        Generation = 1,
        Wish = Choice(line.Value("wish"), GroupWish.Default),
        WishedServer = line.Value("on") is { } wished ? new ServerName(wished) : null,
        Failovers = int.Parse(line.Value("failovers") ?? "0", CultureInfo.InvariantCulture),
        FailedOn = Names(line.Value("failed-on")),
        FoundActive = line.Value("found"),
    };

    private ClusterView View()
    {
        var servers = _servers.Select(s => _views.GetValueOrDefault(s) ?? new ServerView(s, ServerState.Up, ConfigHash: _hash)).ToList();
        var members = _members ?? [.. servers
            .Where(s => s.State is ServerState.Up or ServerState.Suspected or ServerState.DaemonRestarting).Select(s => s.Name)];
        var names = _groups.Select(g => g.Name).Concat(_records.Keys).Distinct();
        return new ClusterView(_term, members, new ViewStanding(_invalid is null, _invalid ?? "accepted") { SettlesSoon = _settlesSoon }, servers,
            [.. names.Select(g => GroupView(g, members))], _wait, _suspended)
        {
            WishesUnknown = _unknown,
        };
    }

    private GroupView GroupView(GroupName group, IEnumerable<ServerName> members)
    {
        var record = _records.GetValueOrDefault(group) ?? GroupRecord.Initial(group);
        var told = _sightings.Where(s => s.Key.Item1 == group).Select(s => s.Value);
        var quiet = members
            .Where(m => !_sightings.ContainsKey((group, m)) && !_silent.Contains((group, m)))
            .Select(m => new GroupSighting(m, record.State, false, record.Term, []));
        return new GroupView(record, [.. told, .. quiet], _expired.Contains(group));
    }

    private ClusterConfig Config() => PlannerGiven.Config(_hash, _policy, _servers, _groups);

    private static T Choice<T>(string? word, T fallback)
        where T : struct, Enum =>
        word is null ? fallback : Enum.Parse<T>(word.Replace("-", "", StringComparison.Ordinal), ignoreCase: true);

    private static Term Term(string text)
    {
        var parts = text.Split('.');
        return new Term(ulong.Parse(parts[0], CultureInfo.InvariantCulture), int.Parse(parts[1], CultureInfo.InvariantCulture));
    }

    private static string[] Split(string? list) => list?.Split(',') ?? [];

    private static List<ServerName> Names(string? list) => [.. Split(list).Select(n => new ServerName(n))];
}
