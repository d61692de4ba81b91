using System.Text.Json.Serialization;
using ClusterActors.Actors;

namespace ClusterActors.Persistence.Tests.Actors;

internal sealed record Noted(string Text);

internal sealed record NotebookState(string[] Lines);

internal sealed record Unwritable(string Text);

[JsonSerializable(typeof(Noted))]
[JsonSerializable(typeof(NotebookState))]
internal sealed partial class NotebookJson : JsonSerializerContext;

/// <summary>
/// A persistent actor that a test programs with command strings: "note:a" persists and reports, "get" answers with all notes, and
/// further verbs do what their name says. Everything it does is told to <c>Report</c>.
/// </summary>
internal class Notebook : ReceivePersistentActor, IWithStash
{
    private readonly string _id;
    private readonly IActorRef _report;

    public Notebook(EventStore store, string id, IActorRef report)
        : base(store)
    {
        _id = id;
        _report = report;
        Recover<Noted>(e => Lines.Add(e.Text));
        Recover<SnapshotOffer>(offer => Lines.AddRange(((NotebookState)offer.Snapshot).Lines));
        Recover<RecoveryCompleted>(_ => OnRecovered());
        Command<string>(Obey);
        Command<SaveSnapshotSuccess>(saved => { report.Tell(saved); if (DeletesBehind) DeleteBehind(saved); });
        Command<IPersistenceAnswer>(answer => report.Tell(answer));
        Command<Exception>(e => throw e);
    }

    public static EventRegistry Registry
    {
        get
        {
            var registry = new EventRegistry();
            registry.Register("test.noted", 1, NotebookJson.Default.Noted);
            registry.Register("test.notebook", 1, NotebookJson.Default.NotebookState);
            return registry;
        }
    }

    public override string PersistenceId => _id;

    public IStash Stash { get; set; } = null!;

    public List<string> Lines { get; } = [];

    /// <summary>Its snapshots shorten the stream.</summary>
    protected virtual bool DeletesBehind => false;

    protected void Report(object message) => _report.Tell(message);

    protected virtual void OnRecovered() => Report($"recovered {string.Join(",", Lines)} at {LastSequenceNr}");

    protected virtual void Obey(string command)
    {
        var (verb, text) = command.Split(':') is [var v, var t] ? (v, t) : (command, "");
        switch (verb)
        {
            case "note": Persist(new Noted(text), Apply); break;
            case "note-all": PersistAll(text.Split('+').Select(t => new Noted(t)), Apply); break;
            case "note-null": PersistAll<Noted>(null, Apply); Report("nothing persisted"); break;
            case "async": PersistAsync(new Noted(text), Apply); break;
            case "defer": DeferAsync(text, t => Report($"deferred {t} for {Sender.Path.Name}")); break;
            case "note-then-throw": Persist(new Noted(text), Apply); throw new InvalidOperationException("after persist");
            case "throw-in-handler": Persist(new Noted(text), _ => throw new InvalidOperationException("in handler")); break;
            case "nested": Persist(new Noted(text), e => { Apply(e); Persist(new Noted(text + "'"), Apply); }); break;
            case "unwritable": Persist(new Unwritable(text), _ => Report("must not happen")); break;
            case "get": Sender.Tell(string.Join(",", Lines)); break;
            case "say": Report($"said {text}"); break;
            case "save": SaveSnapshot(new NotebookState([.. Lines])); break;
            case "delete": DeleteMessages(long.Parse(text)); break;
            case "delete-snapshots": DeleteSnapshots(SnapshotCriteria.Latest); break;
            case "stash": Become(() => Command<string>(StashUntilOpen)); break;
            default: throw new ArgumentException($"unknown command {command}");
        }
    }

    protected override void OnPersistFailure(Exception cause, object @event, long sequenceNr) =>
        Report($"persist failed at {sequenceNr}: {((JournalException)cause).Fault}");

    protected override void OnPersistRejected(Exception cause, object @event) => Report($"rejected {@event.GetType().Name}");

    protected override void OnRecoveryFailure(Exception reason, object? message) => Report($"recovery failed: {reason.Message}");

    private void Apply(Noted e)
    {
        Lines.Add(e.Text);
        Report($"noted {e.Text} at {LastSequenceNr} for {Sender.Path.Name}");
    }

    private void StashUntilOpen(string command)
    {
        if (command == "open")
        {
            Persist(new Noted("opened"), e =>
            {
                Apply(e);
                Become(() => Command<string>(Obey));
                Stash.UnstashAll();
            });
            return;
        }

        Stash.Stash();
    }
}
