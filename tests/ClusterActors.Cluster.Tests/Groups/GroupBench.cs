using ClusterActors.Cluster.Groups;
using ClusterActors.Cluster.Tests.Pair;
using ClusterActors.Model;
using ClusterActors.Model.Resources;

namespace ClusterActors.Cluster.Tests.Groups;

/// <summary>Drives one <see cref="GroupRun"/> and keeps the books that its rules speak of.</summary>
internal sealed class GroupBench
{
    public static readonly Term Term1 = new(1, 0);
    public static readonly Term Term2 = new(2, 1);
    private readonly Dictionary<ResourceName, (GroupEffect Effect, long Operation)> _open = [];
    private GroupRecord _stored;

    public GroupBench(GroupConfig? config = null, GroupRecord? record = null)
    {
        Config = config ?? Configs.WebGroup();
        Run = GroupRun.Create(Config, Configs.Server1, record ?? GroupRecord.Initial(Config.Name));
        _stored = Run.Record;
    }

    public GroupConfig Config { get; }

    public GroupRun Run { get; private set; }

    public GroupRecord Record => Run.Record;

    /// <summary>Effects of the newest step, in words.</summary>
    public List<string> Newest { get; } = [];

    public List<string> Violations { get; } = [];

    public List<FinalAction> FinalActions { get; } = [];

    /// <summary>Events of all steps, as module and number.</summary>
    public List<string> Events { get; } = [];

    /// <summary>Operations under way, in the order in which they began.</summary>
    public IReadOnlyList<ResourceName> Open => [.. _open.Keys];

    public bool IsStopping(string resource) => _open.TryGetValue(new(resource), out var open) && open.Effect is StopResource;

    public void Start(StartCause cause = StartCause.Start, Term? term = null) => Do(Run.Start(term ?? Term1, Record.Generation, cause, "test"));

    public void Stop(bool force = false) => Do(Run.Stop("test", force));

    public void Do(GroupRun.Step step)
    {
        Newest.Clear();
        var before = Run;
        Run = step.Next;
        foreach (var effect in step.Effects)
            CarryOut(effect);
        if (_stored != Run.Record)
            Violations.Add($"the record {Run.Record} was not stored");
        if (Run is { IsOwner: true, Phase: GroupPhase.Idle, Record.State: GroupState.Offline } && Run.Resources.Values.Any(r => r.MayBeActive))
            Violations.Add($"idle and offline with something that may be active, after {before.Phase}");
        if (Run.Phase != GroupPhase.Idle && Run.Phase != GroupPhase.Running && _open.Count == 0)
            Violations.Add($"{Run.Phase} waits for nothing");
    }

    /// <summary>Lets the operation of a resource land.</summary>
    public void Land(string resource, bool well = true, bool isRunning = true) => Do(Landing(new(resource), well, isRunning));

    /// <summary>Lets the start of a resource fail because somebody else has it.</summary>
    public void Find(string resource, InUse found)
    {
        _open.Remove(new(resource), out var open);
        Do(Run.OnStarted(new(open.Operation, new(resource), ResourceOutcome.Failed($"{found.What} is in use") with { Found = found })));
    }

    /// <summary>Lets the operation of a resource end because its program was killed at its limit; a stop has succeeded all the same.</summary>
    public void Kill(string resource)
    {
        var limit = TimeSpan.FromSeconds(30);
        _open.Remove(new(resource), out var open);
        Do(open.Effect is StopResource
            ? Run.OnStopped(new(open.Operation, new(resource), ResourceOutcome.Stopped("killed") with { KilledAfter = limit }))
            : Run.OnStarted(new(open.Operation, new(resource), ResourceOutcome.Failed("killed") with { KilledAfter = limit })));
    }

    /// <summary>Lets everything land, well, until nothing is under way.</summary>
    public void Finish()
    {
        for (var i = 0; i < 100 && _open.Count > 0; i++)
            Land(_open.First().Key.Value);
    }

    /// <summary>The program ended by itself.</summary>
    public void End(string resource)
    {
        var run = Run.Resources[new(resource)];
        Do(Run.OnEnded(new(run.Operation, run.Config.Name, ResourceOutcome.Failed("exit code 1"))));
    }

    private GroupRun.Step Landing(ResourceName resource, bool well, bool isRunning)
    {
        _open.Remove(resource, out var open);
        var bad = ResourceOutcome.Failed("failed by the test");
        return open.Effect switch
        {
            StartResource => Run.OnStarted(new(open.Operation, resource, well ? ResourceOutcome.Running("up") : bad)),
            StopResource => Run.OnStopped(new(open.Operation, resource, well ? ResourceOutcome.Stopped("down") : bad)),
            _ => Run.OnChecked(new(open.Operation, resource, !well ? bad : isRunning ? ResourceOutcome.Running("up") : ResourceOutcome.Stopped("gone"))),
        };
    }

    private void CarryOut(GroupEffect effect)
    {
        switch (effect)
        {
            case Persist persist:
                _stored = persist.Record;
                Newest.Add($"store {persist.Record.State}");
                break;
            case StartResource start:
                if (_stored.Owner != Configs.Server1 || _stored.State is GroupState.Offline)
                    Violations.Add($"{start.Resource.Name} is started before its record is stored ({_stored.State})");
                Begin(start.Resource.Name, effect, start.Operation);
                Newest.Add($"start {start.Resource.Name}");
                break;
            case StopResource stop:
                Begin(stop.Resource.Name, effect, stop.Operation);
                Newest.Add($"stop {stop.Resource.Name}{(stop.Force ? " by force" : "")}");
                break;
            case CheckResource check:
                Begin(check.Resource.Name, effect, check.Operation);
                Newest.Add($"check {check.Resource.Name}");
                break;
            case CancelOperation cancel:
                Newest.Add($"cancel {cancel.Resource}");
                break;
            case Raise raise:
                Events.Add($"{raise.Event.Key}");
                break;
            case TakeFinalAction final:
                FinalActions.Add(final.Action);
                break;
        }
    }

    private void Begin(ResourceName resource, GroupEffect effect, long operation)
    {
        if (!_open.TryAdd(resource, (effect, operation)))
            Violations.Add($"two operations at once on {resource}");
    }
}
