using System.Net;
using ClusterActors.Hocon;
using ClusterActors.Model;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Configuration.Binding;

/// <summary>The arbiters, each with the keys of its type.</summary>
internal sealed class ArbiterBinder(BindingReport report, Section root)
{
    private const string AddressForms = "a list of IP addresses such as [\"10.0.0.200\"]";
    private static readonly string[] Types = ["witness", "ping", "fence", "etcd", "postgresql"];

    /// <summary>True when every written arbiter was bound: only then can it be judged what is missing.</summary>
    public bool IsComplete { get; private set; }

    public IReadOnlyList<ArbiterConfig> Bind(IReadOnlyList<ServerConfig> servers)
    {
        var sections = root.Named("arbiters", "arbiter");
        var arbiters = new List<ArbiterConfig>();
        foreach (var (name, section) in sections)
        {
            PlainName.Check(name, "arbiter", section.Origin, report);
            if (BindOne(name, section, servers) is { } arbiter) arbiters.Add(arbiter);
        }

        IsComplete = arbiters.Count == sections.Count;
        return arbiters;
    }

    private ArbiterConfig? BindOne(string name, Section section, IReadOnlyList<ServerConfig> servers)
    {
        if (!section.Require("type", $"write type = one of {Words.List(Types)}") || section.Text("type") is not { } type)
        {
            ReportKeysOfNoType(section);
            return null;
        }

        if (!Types.Contains(type))
        {
            ReportKeysOfNoType(section);
            var majority = type == "majority" ? "; three or more servers of an odd number decide by majority without being told: remove it" : Words.DidYouMean(type, Types);
            section.Complain("type", $"{section.FullPath("type")} is '{type}'; it must be one of {Words.List(Types)}{majority}");
            return null;
        }

        var keys = section.Over("arbiter-types", type);
        keys.ReportUnknownKeys(["type"]);
        var id = new ArbiterName(name);
        var location = BindingReport.Location(section.Origin);
        return type switch
        {
            "witness" => Witness(id, keys, servers, location),
            "ping" => Ping(id, keys, servers, location),
            "fence" => Fence(id, keys, servers, location),
            "etcd" => Etcd(id, keys, location),
            _ => PostgreSql(id, keys, location),
        };
    }

    /// <summary>Without a type it is still known what no type has.</summary>
    private static void ReportKeysOfNoType(Section section) => section.ReportUnknownKeys(Types.SelectMany(t => section.Over("arbiter-types", t).KnownKeys).Distinct());

    private WitnessArbiterConfig? Witness(ArbiterName name, Section keys, IReadOnlyList<ServerConfig> servers, SourceLocation location)
    {
        var addresses = Addresses(keys, "addresses", servers, "a witness on a server dies with it; run clpwitness on a third machine");
        if (addresses?.Count > GuardianSettings.MaxWitnessEndpoints)
            keys.Complain("addresses", $"{keys.FullPath("addresses")} names {addresses.Count} addresses; at most {GuardianSettings.MaxWitnessEndpoints} are allowed");
        var port = keys.Integer("port", 1, 65535);
        var roundTrip = RoundTrip(keys);
        return addresses is not null && port is { } p && roundTrip is { } r ? new WitnessArbiterConfig(name, addresses, p, r, location) : null;
    }

    private PingArbiterConfig? Ping(ArbiterName name, Section keys, IReadOnlyList<ServerConfig> servers, SourceLocation location)
    {
        var targets = Addresses(keys, "targets", servers, "whether a server is reached says nothing about the network beyond; name a gateway");
        var timeout = keys.Duration("timeout", TimeSpan.FromMilliseconds(10), TimeSpan.FromSeconds(10));
        var tries = keys.Integer("tries", 1, 20);
        return targets is not null && timeout is { } t && tries is { } n ? new PingArbiterConfig(name, targets, t, n, location) : null;
    }

    private FenceArbiterConfig? Fence(ArbiterName name, Section keys, IReadOnlyList<ServerConfig> servers, SourceLocation location)
    {
        var first = Device(keys, servers);
        var levels = keys.Named("levels", "level").Select(l => Level(l.Section, servers)).ToList();
        var action = keys.Choice<FenceAction>("action");
        var timeout = keys.Duration("timeout", TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10));
        var retries = keys.Integer("retries", 0, 20);
        var check = keys.Duration("check-interval", TimeSpan.FromSeconds(10), TimeSpan.FromHours(24));
        if (first is null || levels.Contains(null) || action is not { } a || timeout is not { } t || retries is not { } n || check is not { } c) return null;
        return new FenceArbiterConfig(name, Numbered(first, levels), a, t, n, c, location);
    }

    /// <summary>A device that must succeed together with the one before it has that one's level.</summary>
    private static List<FenceDevice> Numbered(FenceDevice first, List<(FenceDevice Device, bool Together)?> others)
    {
        var devices = new List<FenceDevice> { first with { Level = 0 } };
        foreach (var (device, together) in others.Select(o => o!.Value))
            devices.Add(device with { Level = devices[^1].Level + (together ? 0 : 1) });
        return devices;
    }

    private (FenceDevice Device, bool Together)? Level(Section level, IReadOnlyList<ServerConfig> servers)
    {
        level.ReportUnknownKeys();
        var (device, order) = (Device(level, servers), level.Choice<FenceOrder>("order"));
        return device is not null && order is not null ? (device, order == FenceOrder.Together) : null;
    }

    private enum FenceOrder
    {
        Instead = 0,
        Together = 1,
    }

    private FenceDevice? Device(Section keys, IReadOnlyList<ServerConfig> servers)
    {
        var options = keys.TextMap("options");
        var perServer = PerServer(keys, servers);
        if (!keys.Require("agent", "write the name of a fence agent such as fence_ipmilan, or the path of a program") || keys.Text("agent") is not { } agent) return null;
        if (agent.Contains(' ', StringComparison.Ordinal) || (agent.Contains('/', StringComparison.Ordinal) && !agent.StartsWith('/')))
        {
            keys.Complain("agent", $"{keys.FullPath("agent")} is '{agent}'; it must be the name of an agent without arguments, or an absolute path");
            return null;
        }

        return options is null || perServer is null ? null : new FenceDevice(agent, options, perServer);
    }

    private Dictionary<ServerName, IReadOnlyDictionary<string, string>>? PerServer(Section keys, IReadOnlyList<ServerConfig> servers)
    {
        var found = new Dictionary<ServerName, IReadOnlyDictionary<string, string>>();
        if (keys.Value("per-server") is not { Kind: not ConfigValueKind.Invalid } value) return found;
        if (value is not ConfigObject objects) return keys.Wrong<Dictionary<ServerName, IReadOnlyDictionary<string, string>>>("per-server", value, "an object such as { server1 { ip = 10.0.9.1 } }");
        foreach (var field in objects.Fields)
        {
            var (server, path) = (new ServerName(field.Key), $"{keys.FullPath("per-server")}.{field.Key}");
            if (servers.All(s => s.Name != server))
                report.Add(field.KeyOrigin, $"{keys.FullPath("per-server")} names '{field.Key}', which is no server{Words.DidYouMean(field.Key, servers.Select(s => s.Name.Value))}; the servers are {Words.List(servers.Select(s => s.Name.Value))}");
            else if (field.Value is not ConfigObject options)
                report.Add(field.KeyOrigin, $"{path} is {Section.Describe(field.Value)}; it must be an object of texts such as {{ ip = 10.0.9.1 }}");
            else if (keys.TextsOf(options, path) is { } texts && !found.TryAdd(server, texts))
                report.Add(field.KeyOrigin, $"{path}: server '{server}' is there already; host names are compared ignoring case, remove one");
        }

        return found.Count == objects.Fields.Length ? found : null;
    }

    private EtcdArbiterConfig? Etcd(ArbiterName name, Section keys, SourceLocation location)
    {
        var endpoints = Endpoints(keys);
        var prefix = keys.Text("prefix");
        var timeout = StoreTimeout(keys);
        var roundTrip = RoundTrip(keys);
        var (ca, certificate, key) = (OptionalFile(keys, "ca-file"), OptionalFile(keys, "certificate-file"), OptionalFile(keys, "key-file"));
        var (user, password) = (keys.Text("user") ?? "", OptionalFile(keys, "password-file"));
        if ((certificate.Length > 0) != (key.Length > 0))
            keys.Complain(certificate.Length > 0 ? "certificate-file" : "key-file", $"{keys.FullPath("certificate-file")} and {keys.FullPath("key-file")} belong together; write both or none");
        if ((user.Length > 0) != (password.Length > 0))
            keys.Complain(user.Length > 0 ? "user" : "password-file", $"{keys.FullPath("user")} and {keys.FullPath("password-file")} belong together; write both or none");
        return endpoints is not null && prefix is not null && timeout is { } t && roundTrip is { } r
            ? new EtcdArbiterConfig(name, endpoints, prefix, t, r, ca, certificate, key, user, password, location)
            : null;
    }

    private PostgreSqlArbiterConfig? PostgreSql(ArbiterName name, Section keys, SourceLocation location)
    {
        var hasConnection = keys.Require("connection", "write a connection string such as \"Host=10.0.0.200;Database=clp;Username=clp\"");
        var connection = hasConnection ? keys.Text("connection") : null;
        if (connection is not null && !ConnectionString.IsWellFormed(connection))
            keys.Complain("connection", $"{keys.FullPath("connection")} is no connection string: it must be key=value pairs with ';' between them and name a Host");
        var password = OptionalFile(keys, "password-file");
        var timeout = StoreTimeout(keys);
        var roundTrip = RoundTrip(keys);
        var table = keys.Text("table");
        if (table is not null && (table.Length > 63 || !table.All(c => char.IsAsciiLetterOrDigit(c) || c == '_')))
            table = keys.Wrong<string>("table", keys.Value("table")!, "1 to 63 letters, digits or '_'");
        return connection is not null && table is not null && timeout is { } t && roundTrip is { } r
            ? new PostgreSqlArbiterConfig(name, connection, password, table, t, r, location)
            : null;
    }

    private static TimeSpan? RoundTrip(Section keys) => keys.Duration("round-trip", TimeSpan.Zero, TimeSpan.FromSeconds(10));

    private static TimeSpan? StoreTimeout(Section keys) => keys.Duration("timeout", TimeSpan.FromMilliseconds(50), TimeSpan.FromMinutes(1));

    private static string OptionalFile(Section keys, string key)
    {
        if (keys.Text(key) is not { } path) return "";
        if (path.StartsWith('/')) return path;
        keys.Complain(key, $"{keys.FullPath(key)} is '{path}'; it must be an absolute path");
        return "";
    }

    private List<Uri>? Endpoints(Section keys)
    {
        const string Forms = "a list of URLs such as [\"http://10.0.0.200:2379\"]";
        if (!keys.Require("endpoints", $"write {Forms}") || keys.Texts("endpoints", Forms) is not { } texts) return null;
        if (texts.Count == 0) keys.Complain("endpoints", $"{keys.FullPath("endpoints")} is empty; write at least one URL");
        var endpoints = new List<Uri>();
        foreach (var (text, origin) in texts)
        {
            if (!IsEndpoint(text, out var uri)) report.Add(origin, $"{keys.FullPath("endpoints")} holds '{text}'; it must be a URL such as http://10.0.0.200:2379, with nothing behind the port");
            else if (endpoints.Contains(uri)) report.Add(origin, $"{keys.FullPath("endpoints")} holds {uri} twice; write it once");
            else endpoints.Add(uri);
        }

        return endpoints.Count == texts.Count && endpoints.Count > 0 ? endpoints : null;
    }

    private static bool IsEndpoint(string text, out Uri uri) =>
        Uri.TryCreate(text, UriKind.Absolute, out uri!) && uri.Scheme is "http" or "https" && uri.PathAndQuery == "/" && uri.Fragment.Length == 0 && uri.UserInfo.Length == 0 && uri.Port > 0;

    private List<IPAddress>? Addresses(Section keys, string key, IReadOnlyList<ServerConfig> servers, string why)
    {
        if (!keys.Require(key, $"write {AddressForms}") || keys.Texts(key, AddressForms) is not { } texts) return null;
        if (texts.Count == 0) keys.Complain(key, $"{keys.FullPath(key)} is empty; write at least one IP address");
        var addresses = new List<IPAddress>();
        foreach (var (text, origin) in texts)
        {
            if (!ServerBinder.TryParse(text, out var address))
                report.Add(origin, $"{keys.FullPath(key)} holds '{text}', which is no IP address; write one such as 10.0.0.200 or fd00::200");
            else if (addresses.Contains(address))
                report.Add(origin, $"{keys.FullPath(key)} holds {address} twice; write it once");
            else if (IPAddress.IsLoopback(address) || servers.Any(s => s.Addresses.Contains(address)))
                report.Add(origin, $"{keys.FullPath(key)} holds {address}, an address of {(servers.FirstOrDefault(s => s.Addresses.Contains(address)) is { } server ? $"server '{server.Name}' ({server.Location})" : "each server itself")}; {why}");
            else
                addresses.Add(address);
        }

        return addresses.Count == texts.Count && addresses.Count > 0 ? addresses : null;
    }
}
