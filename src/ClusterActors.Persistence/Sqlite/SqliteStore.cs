using ClusterActors.Persistence.Storage;

namespace ClusterActors.Persistence.Sqlite;

/// <summary>Bounds of a <see cref="SqliteStore"/>.</summary>
public sealed record SqliteStoreOptions
{
    /// <summary>Requests that may wait for the writer, and as many for the reader; further ones fail with QueueFull. Default 10,000.</summary>
    public int QueueCapacity { get; init; } = 10_000;

    /// <summary>The database never grows beyond this; a write that needs more fails like on a full disk. Default 1 GiB.</summary>
    public long MaxSizeBytes { get; init; } = 1L << 30;
}

/// <summary>
/// Journal and snapshot store of one server in one SQLite file. Confirmations come only after the write-ahead log was forced to the
/// disk (<c>synchronous = FULL</c>); all requests waiting at that moment share the flush.
/// </summary>
public sealed class SqliteStore : QueuedStore
{
    private readonly WriterThread _writer;
    private readonly ReaderThread _reader;

    private SqliteStore(string path, StoreOpening opening, SqliteStoreOptions options)
        : base(opening, options.QueueCapacity)
    {
        _writer = new WriterThread(path, options, Health);
        _reader = new ReaderThread(path, options.QueueCapacity);
    }

    /// <summary>Opens and checks the file, making a new one where there is none or a bad one (kept aside). Reads the whole file once.</summary>
    /// <param name="path">The database file, conventionally <c>/var/lib/clp/journal.db</c>.</param>
    /// <param name="time">Names files that are moved aside.</param>
    /// <param name="options">Bounds; null for the defaults.</param>
    /// <exception cref="JournalException">In use by another process, not accessible, or written by a newer version.</exception>
    public static SqliteStore Open(string path, TimeProvider time, SqliteStoreOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(time);
        options ??= new SqliteStoreOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(options.QueueCapacity, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxSizeBytes, 65_536);
        var opening = SqliteFile.Prepare(path, time);
        return new SqliteStore(path, opening, options);
    }

    /// <summary>Writes what was handed in, then closes the file.</summary>
    public override async ValueTask DisposeAsync()
    {
        await _writer.DisposeAsync().ConfigureAwait(false);
        await _reader.DisposeAsync().ConfigureAwait(false);
    }

    private protected override AddResult TryAdd(StoreJob job) => _writer.TryAdd(job);

    private protected override AddResult TryAdd(ReadJob job) => _reader.TryAdd(job);
}
