using System.Diagnostics;
using System.Globalization;

namespace ClusterActors.TestKit.PostgreSql;

/// <summary>
/// A PostgreSQL server made with the programs of Debian's package in a scratch folder, on Unix sockets only, by an unprivileged user. A
/// shell holds it and watches a pipe from this process: when that ends, by whatever cause, the shell stops the server and removes the
/// folder. One that does not come up is given up after a limit, with what it said.
/// </summary>
public sealed class ScratchPostgreSql : IDisposable
{
    private const string Script =
        """
        set -u
        bin=$1 limit=$2 sockets=$3
        as=""
        if [ "$(id -u)" = 0 ]; then
            user=postgres
            id -u "$user" > /dev/null 2>&1 || user=nobody
            as="setpriv --reuid=$user --regid=$(id -g "$user") --clear-groups"
        fi
        dir=$(mktemp -d /tmp/clp-pg-XXXXXX) || exit 1
        server=
        signal=QUIT
        # One that does not answer may not obey either.
        fail() { echo "$1; its log:"; cat "$2"; signal=KILL; exit 1; }
        stop() { [ -z "$server" ] || { kill -$signal "$server" 2> /dev/null; wait "$server"; server=; }; }
        start() {
            $as "$bin/postgres" -D "$dir/data" -k "$dir${sockets:+,$sockets}" -c listen_addresses= -c max_connections=100 < /dev/null > "$dir/postgres.log" 2>&1 &
            server=$!
            until=$(($(date +%s) + limit))
            until timeout -k 1 "$limit" $as "$bin/psql" -h "$dir" -U clp -d postgres -qc 'SELECT 1' > /dev/null 2>&1; do
                kill -0 "$server" 2> /dev/null || fail "postgres has ended" "$dir/postgres.log"
                [ "$(date +%s)" -lt "$until" ] || fail "postgres does not answer within $limit s" "$dir/postgres.log"
                sleep 0.1
            done
        }
        end() { stop; rm -rf "$dir"; }
        trap end EXIT
        trap 'exit 1' TERM INT HUP
        [ -z "$as" ] || chown "$user" "$dir"
        cd "$dir"
        timeout -k 1 "$limit" $as "$bin/initdb" -D "$dir/data" -U clp -A trust -E UTF8 --locale=C -N > "$dir/initdb.log" 2>&1 ||
            fail "initdb ended with $? (124: not within $limit s)" "$dir/initdb.log"
        start
        echo "done $dir"
        while read -r order; do
            $order
            echo "done $dir"
        done
        """;

    // Seconds on an idle machine; this one may be shared by several test runs.
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(20);
    private readonly Process _holder;

    private ScratchPostgreSql(Process holder) => (_holder, Directory) = (holder, Answer(holder));

    /// <summary>The folder of its socket.</summary>
    public string Directory { get; }

    /// <summary>Why none can be started here; null when one can.</summary>
    public static string? MissingReason { get; } = FindPrograms() is null ? "initdb and postgres are missing; install Debian's package postgresql" : null;

    /// <summary>Returns when it answers.</summary>
    /// <param name="moreSockets">A second folder for a socket, which everybody may write to; empty for none.</param>
    /// <exception cref="InvalidOperationException">It did not come up in time; the message has the server's log.</exception>
    public static ScratchPostgreSql Start(string moreSockets = "") => Start(FindPrograms()!, StartLimit, moreSockets);

    /// <param name="programs">Folder of initdb, postgres and psql.</param>
    /// <param name="limit">Of each of initdb and the first answer, in whole seconds.</param>
    /// <inheritdoc cref="Start(string)"/>
    public static ScratchPostgreSql Start(string programs, TimeSpan limit, string moreSockets = "") => new(Process.Start(
        new ProcessStartInfo("/bin/sh", ["-c", Script, "sh", programs, limit.TotalSeconds.ToString("0", CultureInfo.InvariantCulture), moreSockets])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!);

    /// <summary>Ends the server as a crash does, and keeps its files.</summary>
    public void Crash() => Order("stop");

    /// <summary>Starts it again after <see cref="Crash"/>; returns when it answers.</summary>
    public void Restart() => Order("start");

    public void Dispose()
    {
        _holder.StandardInput.Close();
        if (!_holder.WaitForExit(EndLimit))
            _holder.Kill(entireProcessTree: true);
        _holder.Dispose();
    }

    private void Order(string order)
    {
        _holder.StandardInput.WriteLine(order);
        Answer(_holder);
    }

    private static string Answer(Process holder)
    {
        var said = new List<string>();
        while (holder.StandardOutput.ReadLine() is { } line)
        {
            said.Add(line);
            if (line.StartsWith("done ", StringComparison.Ordinal))
                return line["done ".Length..];
        }

        throw new InvalidOperationException($"the PostgreSQL server of the tests did not start: {string.Join('\n', said)}");
    }

    private static string? FindPrograms() => new DirectoryInfo("/usr/lib/postgresql") is { Exists: true } root
        ? root.GetDirectories().OrderByDescending(d => int.TryParse(d.Name, out var n) ? n : 0).Select(d => Path.Combine(d.FullName, "bin"))
            .FirstOrDefault(bin => File.Exists(Path.Combine(bin, "postgres")) && File.Exists(Path.Combine(bin, "initdb")))
        : null;
}
