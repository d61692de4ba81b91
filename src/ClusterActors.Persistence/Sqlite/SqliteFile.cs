using System.Globalization;
using System.Security.Cryptography;
using SQLitePCL;

namespace ClusterActors.Persistence.Sqlite;

/// <summary>
/// Opens, checks and, where needed, replaces the database file. A bad file is never deleted and never repaired in place: it is moved
/// aside with its log, so that nothing is lost that an expert could still read.
/// </summary>
internal static class SqliteFile
{
    private static readonly string[] Companions = ["", "-wal", "-shm"];

    /// <exception cref="JournalException">Storage: in use, not accessible, or made by a newer version. Nothing was changed.</exception>
    public static StoreOpening Prepare(string path, TimeProvider time)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        if (!File.Exists(path))
        {
            var movedLog = MoveAside(path, time); // A log without its database belongs to a file that is gone; SQLite must not see it.
            return Create(path, StoreFinding.Created, $"{path}: no journal was there; an empty one was made", movedLog);
        }

        if (FindFault(path) is not var (finding, fault))
        {
            return new StoreOpening(StoreFinding.Intact, $"{path}: journal checked and intact", null, ReadStoreId(path));
        }

        var moved = MoveAside(path, time);
        return Create(path, finding, $"{path}: {fault}; it was kept as {moved} and an empty journal was made", moved);
    }

    private static (StoreFinding Finding, string Fault)? FindFault(string path)
    {
        if (new FileInfo(path).Length == 0)
        {
            return (StoreFinding.Damaged, "the journal file is empty");
        }

        try
        {
            using var connection = new SqliteConnection(path, create: false);
            var application = connection.QueryLong("PRAGMA application_id");
            var version = connection.QueryLong("PRAGMA user_version");
            if (application == 0 && connection.QueryLong("SELECT count(*) FROM sqlite_schema") == 0)
            {
                return (StoreFinding.Damaged, "the journal file is empty (its creation was interrupted)");
            }

            if (application != SqliteSchema.ApplicationId)
            {
                return (StoreFinding.Foreign, $"the file is a database of another program (application id 0x{application:x8})");
            }

            if (version > SqliteSchema.Version)
            {
                throw new JournalException(
                    JournalFault.Storage,
                    $"{path}: the journal has schema version {version}, this program knows up to {SqliteSchema.Version}; start the newer program, or move the file away to begin empty");
            }

            // Also brings a log left by a crash into the database, so that what is checked is what was confirmed.
            connection.Execute("PRAGMA wal_checkpoint(TRUNCATE)");
            var verdict = connection.QueryText("PRAGMA quick_check(1)");
            if (verdict == "ok" && !SqliteSchema.IsComplete(connection))
            {
                verdict = "a table is missing";
            }

            return verdict == "ok" ? null : (StoreFinding.Damaged, $"the journal file is damaged ({verdict.ReplaceLineEndings(" ")})");
        }
        catch (SqliteFailure e) when (e.Code == raw.SQLITE_NOTADB)
        {
            return (StoreFinding.Foreign, "the file is not a database");
        }
        catch (SqliteFailure e) when (e.SaysDamaged)
        {
            return (StoreFinding.Damaged, $"the journal file is damaged ({e.Message})");
        }
        catch (SqliteFailure e)
        {
            throw CannotOpen(path, e);
        }
    }

    private static StoreOpening Create(string path, StoreFinding finding, string explanation, string? moved)
    {
        var id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        try
        {
            using var connection = new SqliteConnection(path, create: true);
            SqliteSchema.Configure(connection);
            SqliteSchema.Create(connection, id);
        }
        catch (SqliteFailure e)
        {
            throw CannotOpen(path, e);
        }

        return new StoreOpening(finding, explanation, moved, id);
    }

    private static string ReadStoreId(string path)
    {
        using var connection = new SqliteConnection(path, create: false);
        return connection.QueryText("SELECT value FROM store WHERE name = 'id'");
    }

    /// <summary>Renames the file and its companions; the name carries the time, and a number when that name is taken.</summary>
    private static string? MoveAside(string path, TimeProvider time)
    {
        if (!Companions.Any(suffix => File.Exists(path + suffix)))
        {
            return null;
        }

        var stamp = time.GetUtcNow().ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        var target = $"{path}.damaged-{stamp}";
        for (var n = 2; Companions.Any(suffix => File.Exists(target + suffix)); n++)
        {
            target = string.Create(CultureInfo.InvariantCulture, $"{path}.damaged-{stamp}-{n}");
        }

        foreach (var suffix in Companions)
        {
            if (File.Exists(path + suffix))
            {
                File.Move(path + suffix, target + suffix);
            }
        }

        return target;
    }

    private static JournalException CannotOpen(string path, SqliteFailure e) => new(
        JournalFault.Storage,
        $"{path}: the journal could not be opened ({e.Message}); check that no other clpd uses it, the owner and mode of its directory, and free space",
        e);
}
