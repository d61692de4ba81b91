using ClusterActors.Actors;
using ClusterActors.Model;
using ClusterActors.Model.Resources;
using ClusterActors.Persistence;

namespace ClusterActors.Cluster.Groups;

/// <summary>
/// One group on this server: carries out the effects of <see cref="GroupRun"/>. It stores each record before it does what the record
/// permits, runs resource operations as tasks whose results come back as messages, and never decides by itself where a group runs.
/// </summary>
internal sealed class GroupActor : ReceivePersistentActor
{
    private const int EventsPerSnapshot = 100;
    private readonly ServerName _self;
    private readonly IActorRef _control;
    private readonly IActorRef _events;
    private readonly Dictionary<ResourceName, IResource> _resources;
    private readonly Dictionary<ResourceName, CancellationTokenSource> _operations = [];
    private readonly Dictionary<ResourceName, CancellationTokenSource> _watches = [];
    private GroupRun _run;
    private Incarnation _storedUnder;
    private Incarnation _guardian;
    private bool _adopted;

    public GroupActor(GroupConfig config, ServerName self, EventStore store, Func<ResourceConfig, IResource> create, IActorRef control, IActorRef events)
        : base(store)
    {
        (_self, _control, _events) = (self, control, events);
        PersistenceId = "group-" + config.Name.Value;
        _resources = config.Resources.ToDictionary(r => r.Name, create);
        _run = GroupRun.Create(config, self, GroupRecord.Initial(config.Name));
        Recover<GroupRecordWritten>(OnStored);
        Recover<SnapshotOffer>(offer => OnStored((GroupRecordWritten)offer.Snapshot));
        Recover<RecoveryCompleted>(_ => _control.Tell(new GroupChanged(_run.Report())));
        Command<GuardianKnown>(OnGuardian);
        Command<EverythingKilled>(killed => Do(_run.OnEverythingKilled(killed.Reason)));
        Command<PeerRecord>(peer => Do(_run.OnPeerRecord(peer.Record)));
        Command<StartHere>(start => Do(_run.Start(start.Order.Term, start.Order.Cause, start.Order.Reason)));
        Command<StopHere>(stop => Do(_run.Stop(stop.Reason, stop.Force)));
        Command<StoreWish>(OnWish);
        Command<ResourceStarted>(result => Do(_run.OnStarted(result)));
        Command<ResourceStopped>(result => Do(_run.OnStopped(result)));
        Command<ResourceChecked>(result => Do(_run.OnChecked(result)));
        Command<ResourceEnded>(result => Do(_run.OnEnded(result)));
        Command<WatchOver>(_ => { });
        Command<IPersistenceAnswer>(_ => { });
    }

    public override string PersistenceId { get; }

    protected override void PostStop()
    {
        foreach (var source in _operations.Values.Concat(_watches.Values))
            source.Cancel();
        base.PostStop();
    }

    private void OnStored(GroupRecordWritten written)
    {
        _run = _run with { Record = written.Record };
        _storedUnder = written.Guardian;
    }

    /// <summary>First word of the guardian in this life, or word of a new guardian.</summary>
    private void OnGuardian(GuardianKnown known)
    {
        var isNewLife = known.Incarnation != (_guardian == default ? _storedUnder : _guardian);
        _guardian = known.Incarnation;
        if (isNewLife && _run.IsOwner)
            Do(_run.OnEverythingKilled($"the guardian of {_self} started anew and ended what ran before"));
        else if (!_adopted)
            Do(AdoptWithTable(known));
        _adopted = true;
        AnnounceReady();
    }

    /// <summary>What the guardian holds outranks a journal that was lost or replaced by an older copy.</summary>
    private GroupRun.Step AdoptWithTable(GuardianKnown known)
    {
        var name = _run.Config.Name.Value;
        var held = known.Table.Programs.Where(p => p.Group == name).Select(p => p.Term)
            .Concat(known.Table.Addresses.Where(a => a.Group == name).Select(a => a.Term)).ToList();
        if (held.Count > 0 && (!_run.IsOwner || _run.Record.State == GroupState.Offline))
            _run = _run with
            {
                Record = _run.Record with
                {
                    Owner = _self,
                    State = GroupState.Online,
                    Term = held.Max(),
                    Generation = _run.Record.Generation + 1,
                    Reason = "found running under the guardian although the journal did not know it",
                },
            };
        return _run.Adopt();
    }

    private void AnnounceReady()
    {
        if (_run.Phase != GroupPhase.Adopting)
            _control.Tell(new GroupReady(_run.Config.Name, _run.Phase == GroupPhase.Running));
    }

    private void OnWish(StoreWish wish)
    {
        var asker = Sender;
        Do(_run.SetWish(wish.Term, wish.Wish, wish.Server), () => asker.Tell(new WishStored(wish.Group), Self));
    }

    private void Do(GroupRun.Step step, Action? afterwards = null)
    {
        var wasAdopting = _run.Phase == GroupPhase.Adopting;
        _run = step.Next;
        CarryOut(step.Effects, 0, afterwards);
        if (wasAdopting)
            AnnounceReady();
    }

    /// <summary>In order; a record is stored before what stands behind it.</summary>
    private void CarryOut(IReadOnlyList<GroupEffect> effects, int from, Action? afterwards)
    {
        for (var i = from; i < effects.Count; i++)
        {
            if (effects[i] is Persist persist)
            {
                var next = i + 1;
                Persist(new GroupRecordWritten(persist.Record, _guardian), written =>
                {
                    _storedUnder = written.Guardian;
                    if (LastSequenceNr % EventsPerSnapshot == 0)
                        SaveSnapshot(written);
                    CarryOut(effects, next, afterwards);
                });
                return;
            }

            CarryOut(effects[i]);
        }

        _control.Tell(new GroupChanged(_run.Report()));
        afterwards?.Invoke();
    }

    private void CarryOut(GroupEffect effect)
    {
        switch (effect)
        {
            case Raise raise:
                _events.Tell(raise.Event);
                break;
            case StartResource start:
                StopWatching(start.Resource.Name);
                Operate(start.Resource.Name, token => _resources[start.Resource.Name].StartAsync(Request(start.Resource, start.Cause, start.Ticket, start.Attempt), token),
                    outcome => new ResourceStarted(start.Operation, start.Resource.Name, outcome));
                break;
            case StopResource stop:
                StopWatching(stop.Resource.Name);
                Operate(stop.Resource.Name, token => _resources[stop.Resource.Name].StopAsync(
                        new StopRequest(_run.Config.Name, stop.Resource, _run.Record.Term, stop.Force, stop.Attempt, _self, IsHome), token),
                    outcome => new ResourceStopped(stop.Operation, stop.Resource.Name, outcome));
                break;
            case CheckResource check:
                Operate(check.Resource.Name, token => _resources[check.Resource.Name].CheckAsync(Request(check.Resource, StartCause.Restart, "", 1), token),
                    outcome => new ResourceChecked(check.Operation, check.Resource.Name, outcome));
                break;
            case WatchResource watch:
                Watch(watch);
                break;
            case CancelOperation cancel:
                if (_operations.TryGetValue(cancel.Resource, out var operation))
                    operation.Cancel();
                break;
            case TakeFinalAction final:
                _control.Tell(new FinalActionDue(_run.Config.Name, final.Action, final.Reason));
                break;
        }
    }

    private bool IsHome => _run.Config.Servers.Count > 0 && _run.Config.Servers[0] == _self;

    private StartRequest Request(ResourceConfig resource, StartCause cause, string ticket, int attempt) =>
        new(_run.Config.Name, resource, _run.Record.Term, cause, ticket, attempt, _self, IsHome);

    private void Operate(ResourceName resource, Func<CancellationToken, Task<ResourceOutcome>> operate, Func<ResourceOutcome, object> message)
    {
        var source = new CancellationTokenSource();
        _operations[resource] = source;
        Outcome(operate, source.Token).PipeTo(Self, success: message);
    }

    private void Watch(WatchResource watch)
    {
        StopWatching(watch.Resource.Name);
        var source = new CancellationTokenSource();
        _watches[watch.Resource.Name] = source;
        Outcome(token => _resources[watch.Resource.Name].WatchAsync(Request(watch.Resource, StartCause.Restart, "", 1), token), source.Token)
            .PipeTo(Self, success: outcome => source.IsCancellationRequested
                ? WatchOver.Instance
                : new ResourceEnded(watch.Operation, watch.Resource.Name, outcome));
    }

    private void StopWatching(ResourceName resource)
    {
        if (_watches.Remove(resource, out var source))
            source.Cancel();
    }

    /// <summary>Expected failures are outcomes; a refusal by the guardian and a cancelled operation are expected.</summary>
    private static async Task<ResourceOutcome> Outcome(Func<CancellationToken, Task<ResourceOutcome>> operate, CancellationToken token)
    {
        try
        {
            return await operate(token).ConfigureAwait(false);
        }
        catch (ResourceHostException refused)
        {
            return ResourceOutcome.Failed(refused.Message);
        }
        catch (OperationCanceledException)
        {
            return ResourceOutcome.Failed("cancelled by a later order");
        }
    }

    /// <summary>End of a watch nobody is interested in any more.</summary>
    private sealed class WatchOver : IDeadLetterSuppression
    {
        public static readonly WatchOver Instance = new();
    }
}
