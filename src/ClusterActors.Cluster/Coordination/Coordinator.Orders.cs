using ClusterActors.Actors;
using ClusterActors.Cluster.Groups;
using ClusterActors.Cluster.Wire;
using ClusterActors.Model;
using ClusterActors.Model.Events;
using ClusterActors.Model.Planning;
using ClusterActors.Model.Resources;

namespace ClusterActors.Cluster.Coordination;

public sealed partial class Coordinator
{
    private void Send(PlannedAction action)
    {
        if (_orders.ContainsKey(action.Group))
            return;
        var record = RecordOf(action.Group);
        switch (action)
        {
            case StartGroup start when MayStartElsewhere(start, record):
                break;
            case StartGroup start:
                // After an orderly release the address was given up a moment ago: no probe is needed.
                var cause = start.Cause == StartCause.Start && IsMoving(start.Group) ? StartCause.Move : start.Cause;
                Send(start.Server, record, start.Because.CauseId, id => new StartGroupOrder(id, start.Group, _plan!.Term, record.Generation, cause, start.Because.Sentence)
                {
                    By = _settings.Self,
                    CauseId = start.Because.CauseId,
                    Under = FollowingOf(start.Server),
                    Seen = Known(start.Group),
                });
                NoteAttempt(start.Group, start.Server, _lastOrder, record);
                break;
            case StopGroup stop:
                Send(stop.Server, record, stop.Because.CauseId, id => StopOrder(id, stop, stop.Server));
                break;
            case MoveGroup move:
                BeginMove(move);
                Send(move.From, record, move.Because.CauseId, id => StopOrder(id, move, move.From));
                break;
            case MakeServerSafe safe:
                Send(safe.Server, record, safe.Because.CauseId, id => new MakeSafeOrder(id, safe.Group, safe.Action, safe.Because.Sentence) { CauseId = safe.Because.CauseId });
                break;
        }
    }

    /// <param name="behind">A stop, or a move, which begins with one.</param>
    private StopGroupOrder StopOrder(long id, PlannedAction behind, ServerName server) => new(id, behind.Group, _plan!.Term, false, behind.Because.Sentence)
    {
        By = _settings.Self,
        CauseId = behind.Because.CauseId,
        Under = FollowingOf(server),
        Seen = Known(behind.Group),
    };

    /// <summary>As the servers that take part reported it.</summary>
    private GroupRecord Known(GroupName group) => _membership!.Members
        .Where(m => _view!.Members.Contains(m.Server))
        .SelectMany(m => m.Report!.Groups.Where(g => g.Record.Group == group))
        .Aggregate(GroupRecord.Initial(group), (known, report) => known.Merge(report.Record));

    private void Send(ServerName server, GroupRecord seen, string? causeId, Func<long, object> order)
    {
        var id = ++_lastOrder;
        _orders[seen.Group] = new Order(id, server, _plan!.Term, seen.Term, seen.Generation, FollowingOf(server), false);
        Timers.StartSingleTimer(seen.Group, new OrderOverdue(seen.Group, id), OrderLimit);
        Context.System.EventStream.Publish(new OrderSent(server, id, seen.Group, _plan.Term, causeId));
        _settings.ResourceControlOf(server).Tell(order(id), Self);
    }

    private long? FollowingOf(ServerName server) => _membership!.Find(server).Report?.Follows?.Number;

    /// <summary>
    /// A refused order is planned anew after a short while, or as soon as the server tells that it accepts others now: the view that an order
    /// was decided from may be a moment older than what its receiver has told. An accepted one is planned anew when its effect shows, or should have.
    /// </summary>
    private void OnOrderReply(OrderReply reply)
    {
        NoteAnswer(reply.Group, reply.OrderId, reply.Accepted);
        NoteRefusal(reply);
        if (reply.Accepted)
            _failovers.RemoveAll(f => f.Group == reply.Group);
        if (!_orders.TryGetValue(reply.Group, out var order) || order.Id != reply.OrderId)
            return;
        if (reply.Accepted)
        {
            Timers.StartSingleTimer(reply.Group, new OrderOverdue(reply.Group, order.Id), EffectLimit);
            return;
        }

        Context.GetLogger().Warning("order for group {Group} was refused by {Server}: {Why}", reply.Group, order.Server, reply.Sentence);
        _orders[reply.Group] = order with { IsRefused = true };
        Timers.StartSingleTimer(reply.Group, new OrderOverdue(reply.Group, order.Id), RetryRaiseAfter);
        if (CameTooLate(_orders[reply.Group]))
            Evaluate();
    }

    /// <summary>For the answer to a command that waits for the group, and for explain. Ended by an accepted order, or when none is planned any more.</summary>
    private void NoteRefusal(OrderReply reply)
    {
        if (reply.Accepted)
            _refusals.Remove(reply.Group);
        else
            _refusals[reply.Group] = reply.Sentence;
    }

    private void ForgetRefusals()
    {
        foreach (var group in _refusals.Keys.Where(g => _plan!.Coordinator != _settings.Self || _plan.For(g) is not { IsOrder: true }).ToList())
            _refusals.Remove(group);
    }

    private bool CameTooLate(Order order) => order.IsRefused && order.Under != FollowingOf(order.Server);

    private void Forget(GroupName group, long id, string why)
    {
        if (!_orders.TryGetValue(group, out var order) || order.Id != id)
            return;
        _orders.Remove(group);
        Context.GetLogger().Info("order {Id} for group {Group} to {Server} is forgotten: {Why}", id, group, order.Server, why);
        Evaluate();
    }

    private void ClearWishedServer(GroupName group)
    {
        var record = RecordOf(group);
        var stamp = (record.WishTerm, record.WishGeneration);
        if (record.WishedServer is null || (_clearing.TryGetValue(group, out var under) && under == stamp))
            return;
        _clearing[group] = stamp;
        _settings.OwnResourceControl.Tell(new ClearWish(group, record.WishTerm, record.WishGeneration));
    }

    /// <param name="SeenTerm">Stamp of the record the order was decided from; another one means that something came of it.</param>
    /// <param name="Under">What the server accepted orders by when this one was sent.</param>
    private sealed record Order(long Id, ServerName Server, Term DecidedIn, Term SeenTerm, long SeenGeneration, long? Under, bool IsRefused);

    private sealed record OrderOverdue(GroupName Group, long OrderId);
}
