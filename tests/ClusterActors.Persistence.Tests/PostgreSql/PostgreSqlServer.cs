using System.Diagnostics;

[assembly: AssemblyFixture(typeof(ClusterActors.Persistence.Tests.PostgreSql.PostgreSqlServer))]

namespace ClusterActors.Persistence.Tests.PostgreSql;

/// <summary>
/// A PostgreSQL server for this run: made with the programs of Debian's package in a scratch folder, on a Unix socket only, by an
/// unprivileged user. A shell holds it and watches a pipe from this process: when that ends, by whatever cause, the shell stops the
/// server and removes the folder.
/// </summary>
public sealed class PostgreSqlServer : IDisposable
{
    private const string Script =
        """
        set -u
        bin=$1
        as=""
        if [ "$(id -u)" = 0 ]; then
            user=postgres
            id -u "$user" > /dev/null 2>&1 || user=nobody
            as="setpriv --reuid=$user --regid=$(id -g "$user") --clear-groups"
        fi
        dir=$(mktemp -d /tmp/clp-pg-XXXXXX) || exit 1
        server=
        end() {
            [ -z "$server" ] || { kill -QUIT "$server" 2> /dev/null; wait "$server"; }
            rm -rf "$dir"
        }
        trap end EXIT
        trap 'exit 1' TERM INT HUP
        [ -z "$as" ] || chown "$user" "$dir"
        cd "$dir"
        $as "$bin/initdb" -D "$dir/data" -U clp -A trust -E UTF8 --locale=C -N > "$dir/initdb.log" 2>&1 || { cat "$dir/initdb.log"; exit 1; }
        $as "$bin/postgres" -D "$dir/data" -k "$dir" -c listen_addresses= -c max_connections=100 < /dev/null > "$dir/postgres.log" 2>&1 &
        server=$!
        tries=0
        until $as "$bin/psql" -h "$dir" -U clp -d postgres -qc 'SELECT 1' > /dev/null 2>&1; do
            tries=$((tries + 1))
            [ "$tries" -lt 300 ] && kill -0 "$server" || { cat "$dir/postgres.log"; exit 1; }
            sleep 0.1
        done
        echo "ready $dir"
        read -r _ || true
        """;

    private readonly Lazy<(Process? Holder, string Directory, string Missing)> _running = new(Start);

    /// <summary>The socket's folder. Skips the calling test when the package is missing.</summary>
    public string Directory
    {
        get
        {
            var (_, directory, missing) = _running.Value;
            Assert.SkipWhen(missing.Length > 0, missing);
            return directory;
        }
    }

    public string SocketPath => Path.Combine(Directory, ".s.PGSQL.5432");

    public string Connection => $"Host={Directory};Username=clp;Database=postgres";

    public void Dispose()
    {
        if (!_running.IsValueCreated || _running.Value.Holder is not { } holder)
        {
            return;
        }

        holder.StandardInput.Close();
        if (!holder.WaitForExit(TimeSpan.FromSeconds(20)))
        {
            holder.Kill(entireProcessTree: true);
        }

        holder.Dispose();
    }

    private static (Process? Holder, string Directory, string Missing) Start()
    {
        var bin = FindPrograms();
        if (bin is null)
        {
            return (null, "", "initdb and postgres are missing; install Debian's package postgresql");
        }

        var holder = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", Script, "sh", bin])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        var said = new List<string>();
        while (holder.StandardOutput.ReadLine() is { } line)
        {
            said.Add(line);
            if (line.StartsWith("ready ", StringComparison.Ordinal))
            {
                return (holder, line["ready ".Length..], "");
            }
        }

        throw new InvalidOperationException($"the PostgreSQL server of the tests did not start: {string.Join('\n', said)}");
    }

    private static string? FindPrograms() => new DirectoryInfo("/usr/lib/postgresql") is { Exists: true } root
        ? root.GetDirectories().OrderByDescending(d => int.TryParse(d.Name, out var n) ? n : 0).Select(d => Path.Combine(d.FullName, "bin"))
            .FirstOrDefault(bin => File.Exists(Path.Combine(bin, "postgres")) && File.Exists(Path.Combine(bin, "initdb")))
        : null;
}
