using ClusterActors.Model.Resources;

namespace ClusterActors.Model.Planning;

/// <summary>One line of a plan. Stop, make safe, move and start are orders; hold, wait and keep say why there is none.</summary>
public abstract record PlannedAction(GroupName Group, Because Because)
{
    /// <summary>The coordinator has to do something.</summary>
    public bool IsOrder => this is StopGroup or MakeServerSafe or MoveGroup or StartGroup;
}

/// <summary>Start on a server that reports it stopped, when nobody else has it or may have it.</summary>
public sealed record StartGroup(GroupName Group, ServerName Server, StartCause Cause, Because Because) : PlannedAction(Group, Because);

/// <summary>Stop where it runs.</summary>
public sealed record StopGroup(GroupName Group, ServerName Server, Because Because) : PlannedAction(Group, Because);

/// <summary>Stop on <paramref name="From"/>, then, once that is reported, start on <paramref name="To"/>. When the stop fails the
/// start must not follow. An interrupted move needs no memory: the next plan sees a stopped group.</summary>
public sealed record MoveGroup(GroupName Group, ServerName From, ServerName To, StartCause Cause, Because Because) : PlannedAction(Group, Because);

/// <summary>The server could not stop the group: carry out the resource's final action there. Nobody else starts the group
/// before that server says "down and clean" or its grant is over.</summary>
public sealed record MakeServerSafe(GroupName Group, ServerName Server, FinalAction Action, Because Because) : PlannedAction(Group, Because);

/// <summary>It should run and may not, until somebody acts; the sentence says who can do what.</summary>
public sealed record Hold(GroupName Group, Because Because) : PlannedAction(Group, Because);

/// <summary>It should run (or stop) and will by itself, when what the sentence names has happened.</summary>
public sealed record Wait(GroupName Group, Because Because) : PlannedAction(Group, Because)
{
    /// <summary>The group that must be online first, when that is what it waits for; such a wait has a limit.</summary>
    public GroupName? For { get; init; }
}

/// <summary>It is as it should be, or nothing may be done about it.</summary>
public sealed record Keep(GroupName Group, Because Because) : PlannedAction(Group, Because);
