using System.Net;

namespace ClusterActors.Linux.Net.Nftables;

/// <summary>
/// Firewall rules for the beats: no connection tracking (a full table drops packets) and an early accept. Optional; other tables with a
/// stricter input chain still decide for themselves, which <see cref="Inspect"/> tells.
/// </summary>
public sealed class BeatRules : IDisposable
{
    private const byte Udp = 17;
    private const ushort GetChain = 4;
    private readonly NetlinkTransport _transport = new(NetlinkTransport.Netfilter, "beat rules");
    private readonly string _table;
    private readonly IReadOnlyList<int> _ports;

    /// <param name="instance">As in <see cref="FenceOptions.Instance"/>.</param>
    /// <param name="ports">UDP ports of the heartbeat networks.</param>
    public BeatRules(string instance, IReadOnlyList<int> ports)
    {
        AddressFences.CheckInstance(instance);
        if (ports.Count is 0 or > 64 || ports.Any(port => port is < 1 or > IPEndPoint.MaxPort))
            throw new NetworkException("beat rules", $"ports {string.Join(", ", ports)}; 1 to 64 ports of 1 to 65535 are allowed");
        _table = "clp-beat-" + instance;
        _ports = ports;
    }

    private static IEnumerable<(string Chain, int Hook, int Priority)> Chains => [("prerouting", 0, -300), ("output", 3, -300), ("input", 1, -10)];

    /// <summary>Installs or replaces the rules in one transaction.</summary>
    public void Install()
    {
        var batch = new NftBatch();
        batch.Start();
        batch.AddTable(NftFamily.Inet, _table);
        batch.DeleteTable(NftFamily.Inet, _table);
        batch.AddTable(NftFamily.Inet, _table);
        foreach (var (chain, hook, priority) in Chains)
        {
            batch.AddBaseChain(NftFamily.Inet, _table, chain, hook, priority);
            foreach (var port in _ports) batch.AddRule(NftFamily.Inet, _table, chain, rule => Write(rule, chain, port));
        }
        batch.Finish();
        _transport.Request(batch.Writer, "cannot install them");
    }

    public void Remove()
    {
        var batch = new NftBatch(512);
        batch.Start();
        batch.AddTable(NftFamily.Inet, _table);
        batch.DeleteTable(NftFamily.Inet, _table);
        batch.Finish();
        _transport.Request(batch.Writer, "cannot remove them");
    }

    /// <summary>Reads back; besides missing rules it names input chains of others that drop by default.</summary>
    public FenceInspection Inspect()
    {
        var findings = new List<string>();
        foreach (var (chain, _, _) in Chains)
        {
            var found = NftReadBack.CountRules(_transport, NftFamily.Inet, _table, chain);
            if (found != _ports.Count) findings.Add($"chain {chain} of {_table} has {found} rules, {_ports.Count} were installed");
        }
        var intact = findings.Count == 0;
        var writer = new NetlinkWriter(128);
        NftBatch.WriteDump(writer, GetChain, NftFamily.Unspecified);
        var dropping = new List<string>();
        var errno = _transport.Dump(writer, (_, body) => { if (NftReadBack.DroppingInputChain(body) is { } name) dropping.Add(name); }, dropping.Clear);
        if (errno != 0) throw new NetworkException("beat rules", "cannot list chains", errno);
        findings.AddRange(dropping.Select(name => $"chain {name} drops by default: allow UDP port {string.Join(", ", _ports)} there"));
        return new FenceInspection(intact, findings);
    }

    public string Describe() => $"beats on UDP port {string.Join(", ", _ports)} skip connection tracking and are accepted (table inet {_table})";

    public void Dispose() => _transport.Dispose();

    private static void Write(NftRule rule, string chain, int port)
    {
        var bytes = new[] { (byte)(port >> 8), (byte)port };
        var matched = rule.MetaEquals(NftRule.MetaTransport, Udp).PayloadEquals(NftBase.Transport, 2, bytes);
        if (chain == "input") matched.Verdict(NftBatch.Accept);
        else matched.NoTracking();
    }
}
