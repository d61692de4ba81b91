using System.Collections.Immutable;
using ClusterActors.Model.Events;

namespace ClusterActors.Model.Planning;

/// <summary>What should happen, in order: stops and final actions, moves, starts, then why the rest stays.</summary>
/// <param name="Coordinator">The one server that carries the plan out; null when no member can.</param>
/// <param name="Term">The view's term; orders carry it.</param>
/// <param name="Actions">At least one for each configured group.</param>
/// <param name="SettledWishes">Groups whose wished server is served or refused: the coordinator clears <see cref="GroupRecord.WishedServer"/>
/// when it carries out the plan.</param>
/// <param name="Notices">Events that this plan is the reason for. A plan is made again at every change, so only those that the
/// plan before did not have are to be raised (<see cref="NoticesSince"/>).</param>
public sealed record Plan(
    ServerName? Coordinator,
    Term Term,
    ImmutableArray<PlannedAction> Actions,
    ImmutableArray<GroupName> SettledWishes,
    ImmutableArray<EventDraft> Notices)
{
    /// <summary>Actions that the coordinator has to carry out, in order.</summary>
    public IEnumerable<PlannedAction> Orders => Actions.Where(a => a.IsOrder);

    /// <summary>The line that stands for a group in status and explain.</summary>
    public PlannedAction? For(GroupName group) => Actions.FirstOrDefault(a => a.Group == group);

    /// <summary>Events to raise now; <paramref name="previous"/> is the plan made before this one, or null.</summary>
    public IEnumerable<EventDraft> NoticesSince(Plan? previous) =>
        previous is null ? Notices : Notices.Where(n => !previous.Notices.Contains(n));

    public bool Equals(Plan? other) =>
        other is not null && Coordinator == other.Coordinator && Term == other.Term
        && Actions.AsSpan().SequenceEqual(other.Actions.AsSpan())
        && SettledWishes.AsSpan().SequenceEqual(other.SettledWishes.AsSpan())
        && Notices.AsSpan().SequenceEqual(other.Notices.AsSpan());

    public override int GetHashCode() => HashCode.Combine(Coordinator, Term, Actions.Length);
}
