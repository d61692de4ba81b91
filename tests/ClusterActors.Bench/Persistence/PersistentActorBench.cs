using System.Diagnostics;
using System.Text.Json.Serialization;
using ClusterActors.Actors;
using ClusterActors.Persistence;
using ClusterActors.Persistence.Sqlite;

namespace ClusterActors.Bench.Persistence;

/// <summary>
/// Persistent actors on SQLite, synced before each handler: 32 actors that persist one event a command (Persist: the next command
/// waits for the disk; PersistAsync: it does not), and their recovery.
/// </summary>
internal sealed class PersistentActorBench : IBench
{
    private const int Actors = 32;

    public string Name => "persistence.actors";

    public string Summary => "32 persistent actors on SQLite, synced before each handler, and their recovery (events/s)";

    public async Task<IReadOnlyList<BenchResult>> RunAsync(BenchOptions options, CancellationToken cancellation)
    {
        var perActor = (int)(500 * (options.Duration?.TotalSeconds ?? 1));
        var rates = new Dictionary<string, List<double>> { ["persist"] = [], ["persist-async"] = [], ["recovery"] = [] };
        for (var run = 0; run < (options.Runs ?? 3); run++)
        {
            var directory = Directory.CreateTempSubdirectory("clpbench-actors-");
            try
            {
                var file = Path.Combine(directory.FullName, "journal.db");
                rates["persist"].Add(await PersistAsync(file, "sync", perActor, command: new Add(false)));
                rates["persist-async"].Add(await PersistAsync(file, "async", perActor * 4, command: new Add(true)));
                rates["recovery"].Add(await PersistAsync(file, "async", 0, command: new Add(true)));
            }
            finally
            {
                directory.Delete(recursive: true);
            }
        }

        return [.. rates.Select(r => BenchResult.Of($"{Name}.{r.Key}", "events/s", r.Value))];
    }

    /// <summary>Events per second; with no commands the recovery of what is stored is measured.</summary>
    private static async Task<double> PersistAsync(string file, string prefix, int commands, Add command)
    {
        await using var sqlite = SqliteStore.Open(file, TimeProvider.System);
        await using var system = ActorSystem.Create("bench");
        var registry = new EventRegistry();
        registry.Register("bench.added", 1, BenchJson.Default.Added);
        var store = new EventStore(sqlite, sqlite, registry);
        var start = Stopwatch.GetTimestamp();
        var refs = Enumerable.Range(0, Actors).Select(n => system.ActorOf(Props.Create(() => new Adder(store, $"{prefix}-{n}")))).ToList();
        var recovered = await Task.WhenAll(refs.Select(r => r.Ask<long>(new Get(0), TimeSpan.FromMinutes(1))));
        if (commands == 0)
        {
            return recovered.Sum() / Stopwatch.GetElapsedTime(start).TotalSeconds;
        }

        start = Stopwatch.GetTimestamp();
        foreach (var actor in refs)
        {
            for (var n = 0; n < commands; n++)
            {
                actor.Tell(command, ActorRefs.NoSender);
            }
        }

        await Task.WhenAll(refs.Select(r => r.Ask<long>(new Get(commands), TimeSpan.FromMinutes(1))));
        return (double)commands * Actors / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    /// <summary>Answered with the number of events in the state once it has reached <paramref name="AtLeast"/>.</summary>
    private sealed record Get(long AtLeast);

    private sealed record Add(bool Async);

    private sealed class Adder : ReceivePersistentActor
    {
        private static readonly string Text = new('x', 170);
        private readonly string _id;
        private long _count;
        private (Get Question, IActorRef Asker)? _waiting;

        public Adder(EventStore store, string id)
            : base(store)
        {
            _id = id;
            Recover<Added>(_ => _count++);
            Command<Add>(add =>
            {
                if (add.Async)
                {
                    PersistAsync(new Added(_count, Text), Apply);
                }
                else
                {
                    Persist(new Added(_count, Text), Apply);
                }
            });
            Command<Get>(get =>
            {
                _waiting = (get, Sender);
                AnswerIfReached();
            });
        }

        public override string PersistenceId => _id;

        private void Apply(Added e)
        {
            _count++;
            AnswerIfReached();
        }

        private void AnswerIfReached()
        {
            if (_waiting is var (question, asker) && _count >= question.AtLeast)
            {
                asker.Tell(_count);
                _waiting = null;
            }
        }
    }
}

internal sealed record Added(long Number, string Text);

[JsonSerializable(typeof(Added))]
internal sealed partial class BenchJson : JsonSerializerContext;
