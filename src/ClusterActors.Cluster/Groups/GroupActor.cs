using ClusterActors.Actors;
using ClusterActors.Model;
using ClusterActors.Model.Events;
using ClusterActors.Model.Guardian;
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
    private bool _announced;
    private Term _inForce;
    private int _starts;

    public GroupActor(GroupConfig config, ServerName self, EventIds ids, EventStore store, Func<ResourceConfig, IResource> create, IActorRef control, IActorRef events)
        : base(store)
    {
        (_self, _control, _events) = (self, control, events);
        PersistenceId = "group-" + config.Name.Value;
        _resources = config.Resources.ToDictionary(r => r.Name, create);
        _run = GroupRun.Create(config, self, GroupRecord.Initial(config.Name)) with { Ids = ids };
        Recover<GroupRecordWritten>(OnStored);
        Recover<SnapshotOffer>(offer => OnStored((GroupRecordWritten)offer.Snapshot));
        Recover<RecoveryCompleted>(_ => OnRecovered());
        Command<GuardianKnown>(OnGuardian);
        Command<EverythingKilled>(killed => Do(_run.OnEverythingKilled(killed.Reason, killed.CauseId)));
        Command<PeerRecord>(OnPeer);
        Command<StartHere>(start => Do(_run.Start(start.Order.Term, start.Order.Generation, start.Order.Cause, start.Order.Reason, start.TakingPart, start.Order.CauseId), OnStartKnown));
        Command<StopHere>(stop => Do(_run.Stop(stop.Reason, stop.Force, stop.CauseId, stop.Leaves)));
        Command<StoreWish>(OnWish);
        Command<ClearWish>(clear => Do(_run.ClearWishedServer(clear.SeenTerm, clear.SeenGeneration)));
        Command<TermInForce>(OnTerm);
        Command<ResourceStarted>(result => Do(_run.OnStarted(result)));
        Command<ResourceStopped>(result => Do(_run.OnStopped(result)));
        Command<ResourceChecked>(result => Do(_run.OnChecked(result)));
        Command<ResourceEnded>(result => Do(_run.OnEnded(result)));
        Command<WatchOver>(_ => { });
        Command<SaveSnapshotSuccess>(DeleteBehind);
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

    /// <summary>Numbers of operations are part of tickets, which the guardian keeps longer than this actor lives: none may come twice.</summary>
    private void OnRecovered()
    {
        _run = _run with { LastOperation = Context.System.Time.GetTimestamp() };
        _control.Tell(new GroupChanged(_run.Report(), _starts));
    }

    /// <summary>
    /// First word of the guardian in this life, or word of a new guardian. What it holds outranks a journal that was lost or replaced
    /// by an older copy.
    /// </summary>
    private void OnGuardian(GuardianKnown known)
    {
        var held = Held(known.Table);
        var isNewLife = known.Incarnation != (_guardian == default ? _storedUnder : _guardian);
        _guardian = known.Incarnation;
        var isFirst = !_adopted;
        _adopted = true;
        if (isFirst && held.Count > 0)
            Do(_run.AdoptHeld(held.Max()));
        else if (isNewLife || (_run.Record.Term < known.Table.Term && known.WasExcluded))
            Do(_run.OnEverythingKilled(isNewLife
                ? $"the guardian of {_self} started anew and ended what ran before"
                : $"term {known.Table.Term} ended what {_self} ran before", isNewLife ? known.LossId : null));
        else if (_run.Record.Term < known.Table.Term && held.Count == 0)
            Do(_run.StopUnproven($"it is not known whether it was ended before term {known.Table.Term}"));
        else if (isFirst)
            Do(_run.Adopt());
        else
            AnnounceReady();
    }

    private void OnPeer(PeerRecord peer)
    {
        var step = _run.OnPeerRecord(peer.Record);
        Do(_adopted ? step.Then(g => g.WithdrawClaim()) : step);
    }

    private void OnTerm(TermInForce known)
    {
        _inForce = known.Term;
        Do(_run.ClaimIn(_inForce));
    }

    private List<Term> Held(GuardianTable table)
    {
        var name = _run.Config.Name.Value;
        return [.. table.Programs.Where(p => p.Group == name).Select(p => p.Term), .. table.Addresses.Where(a => a.Group == name).Select(a => a.Term)];
    }

    private void AnnounceReady()
    {
        if (_adopted && _run.Phase != GroupPhase.Adopting)
        {
            _announced = true;
            _control.Tell(new GroupReady(_run.Config.Name, _run.Phase == GroupPhase.Running));
        }
    }

    private void OnStartKnown()
    {
        _starts++;
        _control.Tell(new GroupChanged(_run.Report(), _starts));
    }

    private void OnWish(StoreWish wish)
    {
        var asker = Sender;
        Do(_run.SetWish(wish.Term, wish.Wish, wish.Server, wish.CauseId), () => asker.Tell(new WishStored(wish.Group), Self));
    }

    private void Do(GroupRun.Step step, Action? afterwards = null)
    {
        _run = step.Next;
        CarryOut(step.Effects, 0, afterwards);
    }

    /// <summary>In order; a record is stored before what stands behind it.</summary>
    private void CarryOut(IReadOnlyList<GroupEffect> effects, int from, Action? afterwards)
    {
        for (var i = from; i < effects.Count; i++)
        {
            if (effects[i] is Persist persist)
            {
                var next = i + 1;
                Persist(new GroupRecordWritten(persist.Record, _guardian == default ? _storedUnder : _guardian), written =>
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

        _control.Tell(new GroupChanged(_run.Report(), _starts));
        if (!_announced)
            AnnounceReady();
        afterwards?.Invoke();

        // What was adopted after a restart of the daemon: the term may have come meanwhile.
        if (_run.ClaimIn(_inForce) is { Effects.Count: > 0 } claim)
            Do(claim);
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
                        new StopRequest(_run.Config.Name, stop.Resource, TermToAskIn, stop.Force, stop.Attempt, _self, IsHome), token),
                    outcome => new ResourceStopped(stop.Operation, stop.Resource.Name, outcome));
                break;
            case CheckResource check:
                Operate(check.Resource.Name, token => _resources[check.Resource.Name].CheckAsync(Request(check.Resource, StartCause.Restart, "", 1) with { CutShort = check.CutShort }, token),
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
                _control.Tell(new FinalActionDue(_run.Config.Name, final.Action, final.Reason, final.CauseId));
                break;
        }
    }

    private Term TermToAskIn => _inForce > _run.Record.Term ? _inForce : _run.Record.Term;

    private bool IsHome => _run.Config.Servers.Count > 0 && _run.Config.Servers[0] == _self;

    private StartRequest Request(ResourceConfig resource, StartCause cause, string ticket, int attempt) =>
        new(_run.Config.Name, resource, TermToAskIn, cause, ticket, attempt, _self, IsHome) { BothActivationCheck = _run.Config.BothActivationCheck };

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

    /// <summary>
    /// Expected failures are outcomes; a refusal by the guardian and a cancelled operation are expected. Anything else is one too: without an outcome
    /// the operation would count as under way for ever, and every stop waits for it. A start that failed is stopped like one that ran.
    /// </summary>
    private static async Task<ResourceOutcome> Outcome(Func<CancellationToken, Task<ResourceOutcome>> operate, CancellationToken token)
    {
        try
        {
            return await operate(token).ConfigureAwait(false);
        }
        catch (ResourceHostException refused)
        {
            return ResourceOutcome.Failed(refused.Message) with { Found = refused.Found };
        }
        catch (OperationCanceledException)
        {
            return ResourceOutcome.Failed("cancelled by a later order");
        }
        catch (Exception unforeseen)
        {
            return ResourceOutcome.Failed($"{unforeseen.GetType().Name}: {unforeseen.Message}");
        }
    }

    /// <summary>End of a watch nobody is interested in any more.</summary>
    private sealed class WatchOver : IDeadLetterSuppression
    {
        public static readonly WatchOver Instance = new();
    }
}
