using System.Security.Cryptography;
using ClusterActors.Arbiters.Etcd;
using ClusterActors.Arbiters.Fence;
using ClusterActors.Arbiters.Ping;
using ClusterActors.Arbiters.PostgreSql;
using ClusterActors.Model;
using ClusterActors.Model.Arbiters;
using ClusterActors.Model.Voting;
using Npgsql;

namespace ClusterActors.Arbiters;

/// <summary>From the configuration to the arbiters that the daemon runs; the witness is not among them, since the guardian asks it.</summary>
public static class ArbiterFactory
{
    /// <summary>
    /// An arbiter that cannot be made (a password file is missing, a certificate unreadable) is one that says so to every question: the
    /// daemon must not fail for it, since the servers go on without an arbiter while they see each other.
    /// </summary>
    /// <param name="clusterId">Id of this cluster, under which stores keep its entries.</param>
    /// <param name="note">Gets what arbiters have to tell beside their answers.</param>
    public static IReadOnlyList<IArbiter> Create(ClusterConfig config, ServerName self, Guid clusterId, TimeProvider time, Action<string> note)
    {
        ArgumentNullException.ThrowIfNull(config);
        return [.. config.Arbiters.Select(a => CreateOrExplain(a, config.Heartbeat, self, clusterId, time, note)).OfType<IArbiter>()];
    }

    private static IArbiter? CreateOrExplain(ArbiterConfig config, HeartbeatConfig heartbeat, ServerName self, Guid clusterId, TimeProvider time, Action<string> note)
    {
        try
        {
            return Create(config, heartbeat, self, clusterId, time, note);
        }
        catch (Exception failure) when (config.Votes && failure is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            note($"{config.Name}: {failure.Message}");
            return new UnusableVoteStore(config.Name.Value, config.Type, failure.Message);
        }
    }

    private static IArbiter? Create(ArbiterConfig config, HeartbeatConfig heartbeat, ServerName self, Guid clusterId, TimeProvider time, Action<string> note) => config switch
    {
        PingArbiterConfig ping => new PingArbiter(ping.Name.Value, new PingOptions(ping.Targets, ping.Timeout, ping.Tries), new IcmpEcho(), time),
        FenceArbiterConfig fence => new FenceArbiter(
            fence.Name.Value, new FenceOptions(fence.DevicesByLevel, fence.Action, fence.Timeout, fence.Retries, self), time, note),
        EtcdArbiterConfig etcd => new EtcdVoteStore(
            etcd.Name.Value, new EtcdOptions(etcd.Endpoints, etcd.Prefix, clusterId, etcd.Timeout, TextOrNull(etcd.User), Password(etcd.PasswordFile),
                TextOrNull(etcd.CaFile), TextOrNull(etcd.CertificateFile), TextOrNull(etcd.KeyFile))
            { Limit = StoreTimes.Limit(heartbeat, etcd.RoundTrip, etcd.Timeout) }, time),
        PostgreSqlArbiterConfig database => new PostgreSqlVoteStore(
            database.Name.Value, new PostgreSqlOptions(Connection(database), database.Table, clusterId, database.Timeout)
            { Limit = StoreTimes.Limit(heartbeat, database.RoundTrip, database.Timeout) }, time),
        _ => null,
    };

    private static string Connection(PostgreSqlArbiterConfig config) => Password(config.PasswordFile) is { } password
        ? new NpgsqlConnectionStringBuilder(config.Connection) { Password = password }.ConnectionString
        : config.Connection;

    private static string? Password(string file) => file.Length == 0 ? null : File.ReadLines(file).FirstOrDefault() ?? "";

    private static string? TextOrNull(string text) => text.Length == 0 ? null : text;
}
