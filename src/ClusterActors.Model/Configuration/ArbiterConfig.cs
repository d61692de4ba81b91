using System.Net;

namespace ClusterActors.Model;

/// <summary>Name of an arbiter as written in <c>arbiters { NAME { … } }</c>.</summary>
public readonly record struct ArbiterName(string Value)
{
    public override string ToString() => Value;
}

/// <summary>
/// A third party that is asked before a takeover (safety.md section 2). In <see cref="ClusterConfig.Arbiters"/> in the order of the file: the
/// first kind that grants is asked first.
/// </summary>
/// <param name="Name">Name in the configuration.</param>
/// <param name="Location">Where it is written.</param>
public abstract record ArbiterConfig(ArbiterName Name, SourceLocation Location)
{
    /// <summary>The word for <c>type</c>.</summary>
    public abstract string Type { get; }

    /// <summary>It is a voter like a server: it gives vows and one vote per term.</summary>
    public virtual bool Votes => false;

    /// <summary>Its word is enough for a takeover; one that does not grant can only forbid.</summary>
    public virtual bool Grants => Votes;
}

/// <summary>The program <c>clpwitness</c> on a third machine.</summary>
/// <param name="Addresses">Its addresses, at least one; each request goes to all of them.</param>
/// <param name="Port">UDP port.</param>
/// <param name="RoundTrip">Round trip that the timeouts leave room for.</param>
public sealed record WitnessArbiterConfig(ArbiterName Name, IReadOnlyList<IPAddress> Addresses, int Port, TimeSpan RoundTrip, SourceLocation Location)
    : ArbiterConfig(Name, Location)
{
    public override string Type => "witness";

    public override bool Votes => true;
}

/// <summary>Addresses outside the cluster: a server that reaches none of them takes nothing over.</summary>
/// <param name="Targets">At least one.</param>
/// <param name="Timeout">Wait for one answer.</param>
/// <param name="Tries">Echo requests to each target before it counts as not reached.</param>
public sealed record PingArbiterConfig(ArbiterName Name, IReadOnlyList<IPAddress> Targets, TimeSpan Timeout, int Tries, SourceLocation Location)
    : ArbiterConfig(Name, Location)
{
    public override string Type => "ping";
}

/// <summary>What a fence agent is told to do.</summary>
public enum FenceAction
{
    /// <summary>Off, and stays off.</summary>
    Off = 0,

    /// <summary>Off and on again.</summary>
    Reboot = 1,
}

/// <summary>One way to power a server off.</summary>
/// <param name="Agent">Name of a Linux-HA fence agent such as <c>fence_ipmilan</c>, or the path of a program that speaks the same way.</param>
/// <param name="Options">Options for every server, as the agent names them.</param>
/// <param name="PerServer">Options for one server, laid over <paramref name="Options"/>.</param>
public sealed record FenceDevice(
    string Agent, IReadOnlyDictionary<string, string> Options, IReadOnlyDictionary<ServerName, IReadOnlyDictionary<string, string>> PerServer)
{
    /// <summary>Devices with the same number make one level and must all succeed; null = a level of its own.</summary>
    public int? Level { get; init; }

    /// <summary>All options for a server.</summary>
    public IReadOnlyDictionary<string, string> OptionsFor(ServerName server)
    {
        var all = new Dictionary<string, string>(Options, StringComparer.Ordinal);
        foreach (var (key, value) in PerServer.GetValueOrDefault(server) ?? new Dictionary<string, string>())
            all[key] = value;
        return all;
    }
}

/// <summary>Powers the other server off; success is proof that it runs nothing.</summary>
/// <param name="Levels">The devices in order; see <see cref="DevicesByLevel"/>. At least one.</param>
/// <param name="Action">Off or reboot.</param>
/// <param name="Timeout">Longest time for one run of an agent.</param>
/// <param name="Retries">Further runs of a level that failed.</param>
/// <param name="CheckInterval">Time between two checks of the devices while nothing happens.</param>
public sealed record FenceArbiterConfig(
    ArbiterName Name, IReadOnlyList<FenceDevice> Levels, FenceAction Action, TimeSpan Timeout, int Retries, TimeSpan CheckInterval, SourceLocation Location)
    : ArbiterConfig(Name, Location)
{
    public override string Type => "fence";

    public override bool Grants => true;

    /// <summary>In order: a level is tried when all before it failed, and succeeds when all its devices do.</summary>
    public IReadOnlyList<IReadOnlyList<FenceDevice>> DevicesByLevel =>
        [.. Levels.Select((device, position) => (device, Key: device.Level is { } level ? (true, level) : (false, position)))
            .GroupBy(entry => entry.Key).Select(IReadOnlyList<FenceDevice> (group) => [.. group.Select(entry => entry.device)])];
}

/// <summary>An etcd cluster that the site runs already.</summary>
/// <param name="Endpoints">At least one; http or https.</param>
/// <param name="Prefix">What the keys begin with; the cluster's id is added.</param>
/// <param name="Timeout">Longest time for one request.</param>
/// <param name="RoundTrip">Usual time of one that the timeouts leave room for.</param>
/// <param name="CaFile">Certificates that endpoints must be signed by; empty = the system's.</param>
/// <param name="CertificateFile">Client certificate, PEM; empty = none.</param>
/// <param name="KeyFile">Its key, PEM.</param>
/// <param name="User">User name; empty = none.</param>
/// <param name="PasswordFile">File whose first line is the user's password.</param>
public sealed record EtcdArbiterConfig(
    ArbiterName Name, IReadOnlyList<Uri> Endpoints, string Prefix, TimeSpan Timeout, TimeSpan RoundTrip, string CaFile, string CertificateFile, string KeyFile,
    string User, string PasswordFile, SourceLocation Location)
    : ArbiterConfig(Name, Location)
{
    public override string Type => "etcd";

    public override bool Votes => true;
}

/// <summary>A PostgreSQL database that the site runs already, outside this cluster.</summary>
/// <param name="Connection">Npgsql connection string.</param>
/// <param name="PasswordFile">File whose first line is the password; empty = none, or written in <paramref name="Connection"/>.</param>
/// <param name="Table">Table for the record, made when it is not there.</param>
/// <param name="Timeout">Longest time for one statement.</param>
/// <param name="RoundTrip">Usual time of one that the timeouts leave room for.</param>
public sealed record PostgreSqlArbiterConfig(
    ArbiterName Name, string Connection, string PasswordFile, string Table, TimeSpan Timeout, TimeSpan RoundTrip, SourceLocation Location)
    : ArbiterConfig(Name, Location)
{
    public override string Type => "postgresql";

    public override bool Votes => true;
}

/// <summary>Times of a partition under <see cref="PartitionPolicy.AskArbiters"/>.</summary>
/// <param name="ArbiterLostAfter">How long the voting arbiter may be silent, while the servers see each other, before they promise to hold.</param>
/// <param name="FenceDelay">How much later a server fences that did not run the groups.</param>
public sealed record PartitionConfig(TimeSpan ArbiterLostAfter, TimeSpan FenceDelay);
