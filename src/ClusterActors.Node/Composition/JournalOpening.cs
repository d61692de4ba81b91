using ClusterActors.Model;
using ClusterActors.Persistence.PostgreSql;
using ClusterActors.Persistence.Sqlite;
using ClusterActors.Persistence.Storage;

namespace ClusterActors.Node.Composition;

/// <summary>Opens the journal that the configuration names.</summary>
internal static class JournalOpening
{
    public static async Task<QueuedStore> OpenAsync(ClusterConfig config, ServerName self, NodePaths paths, TimeProvider time) => config.Journal.Kind switch
    {
        JournalKind.Postgresql => await PostgreSqlStore.OpenAsync(
            new PostgreSqlStoreOptions
            {
                Connection = config.Journal.Connection!,
                Schema = config.Journal.Schema,
                Owner = $"{config.Name}/{self}",
                // Longer makes no sense: by then the guardian has given this daemon up and starts another.
                OpeningLimit = TimeSpan.FromTicks(Math.Min(config.Daemon.RestartLimit.Ticks / 2, TimeSpan.FromSeconds(20).Ticks)),
            },
            time).ConfigureAwait(false),
        _ => SqliteStore.Open(paths.Store, time),
    };
}
