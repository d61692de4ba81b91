using ClusterActors.Persistence.Storage;

namespace ClusterActors.Persistence.PostgreSql;

/// <summary>
/// Journal and snapshot store of one server in one schema of a PostgreSQL database. Confirmations come only after the server confirmed
/// a commit with <c>synchronous_commit</c> on; all requests waiting at that moment share it.
/// </summary>
public sealed class PostgreSqlStore : QueuedStore
{
    private readonly PostgreSqlWriterThread _writer;
    private readonly PostgreSqlReaderThread _reader;

    private PostgreSqlStore(StoreOpening opening, PostgreSqlStoreOptions options)
        : base(opening, options.QueueCapacity)
    {
        _writer = new PostgreSqlWriterThread(options, Health);
        _reader = new PostgreSqlReaderThread(options);
    }

    /// <summary>Connects, checks the server and the tables, and makes them where there are none. A server out of reach is tried again until the opening's limit.</summary>
    /// <param name="options">Where, whose, and bounds.</param>
    /// <param name="time">Measures the limit of the opening.</param>
    /// <param name="giveUp">Ends the attempts early.</param>
    /// <exception cref="JournalException">Storage: not reached within the limit. Refused: another owner or version, not ours, or a server that does not keep what it confirms.</exception>
    public static async Task<PostgreSqlStore> OpenAsync(PostgreSqlStoreOptions options, TimeProvider time, CancellationToken giveUp = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(time);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.QueueCapacity, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.StatementLimit, TimeSpan.FromSeconds(1));
        var began = time.GetTimestamp();
        while (true)
        {
            try
            {
                using var connection = PostgreSqlConnection.Open(options);
                return new PostgreSqlStore(PostgreSqlSchema.Prepare(connection, options), options);
            }
            catch (PostgreSqlFailure failure)
            {
                if (time.GetElapsedTime(began) >= options.OpeningLimit)
                {
                    throw new JournalException(
                        JournalFault.Storage,
                        $"journal in PostgreSQL: cannot be opened ({failure.Message}), tried for {options.OpeningLimit.TotalSeconds:0} s; {failure.Remedy}",
                        failure);
                }
            }

            await Task.Delay(options.OpeningPause, time, giveUp).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await _writer.DisposeAsync().ConfigureAwait(false);
        await _reader.DisposeAsync().ConfigureAwait(false);
    }

    private protected override AddResult TryAdd(StoreJob job) => _writer.TryAdd(job);

    private protected override AddResult TryAdd(ReadJob job) => _reader.TryAdd(job);
}
