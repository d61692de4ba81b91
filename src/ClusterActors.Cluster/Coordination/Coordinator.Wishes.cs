using ClusterActors.Actors;
using ClusterActors.Cluster.Membership;
using ClusterActors.Cluster.Wire;
using ClusterActors.Cluster.Wishes;
using ClusterActors.Model;
using ClusterActors.Model.Events;

namespace ClusterActors.Cluster.Coordination;

public sealed partial class Coordinator
{
    private static readonly TimeSpan WishLimit = TimeSpan.FromSeconds(10);
    private readonly List<(WishCommand Command, IActorRef Asker, ClusterWishes Wanted)> _wishes = [];

    /// <summary>One change after the other: each is made from the newest copy, the one under way included.</summary>
    private void OnWishCommand(WishCommand command)
    {
        var refusal = WishRules.WhyNot(command, _settings.Config, _plan, _settings.Self);
        if (refusal is null && _wishes.Count >= CommandsKept)
            refusal = WishRules.Answer(command, 2, $"{_wishes.Count} commands are under way already; wait for one of them");
        if (refusal is null && !_membership!.WishesLoaded)
            refusal = WishRules.Answer(command, WishRules.NotStored, $"{_settings.Self} cannot read what was wanted before: look at its journal, then try again");
        if (refusal is not null)
        {
            _settings.Events.Tell(CaEvents.CommandRefused(command.Caller, WishRules.Words(command), refusal.Message));
            Sender.Tell(refusal);
            return;
        }

        var newest = _wishes.Count > 0 ? _wishes[^1].Wanted : _membership!.Wishes;
        var done = command.DryRun ? null : _settings.Ids.Sign(CaEvents.CommandDone(command.Caller, WishRules.Words(command), command.Reason));
        var wanted = WishRules.Change(command, newest, _view!.Term, Context.System.Time.GetUtcNow(), done?.EventId);
        if (done is null)
        {
            Sender.Tell(WishRules.DryRun(command, _view, _settings.Config, _ => (_membership! with { Wishes = wanted }).ToClusterView(_settings.Config)));
            return;
        }

        _settings.Events.Tell(done);
        if (command.Verb is WishVerb.Suspend or WishVerb.Resume)
            _settings.Events.Tell((command.Verb == WishVerb.Suspend ? PmEvents.SuspendRequested(command.Caller) : PmEvents.ResumeRequested(command.Caller)).FollowingFrom(done.EventId));
        _wishes.Add((command, Sender, wanted));
        _settings.OwnWishes.Tell(new StoreWishes(wanted), Self);
        Timers.StartSingleTimer(command.CommandId, new WishOverdue(command.CommandId), WishLimit);
    }

    private void OnWishesStored(WishesStored stored)
    {
        foreach (var (command, asker, _) in _wishes.Where(w => !w.Wanted.IsNewerThan(stored.Wishes)).ToList())
        {
            Timers.Cancel(command.CommandId);
            asker.Tell(WishRules.Stored(command));
        }

        _wishes.RemoveAll(w => !w.Wanted.IsNewerThan(stored.Wishes));
    }

    private void OnWishOverdue(WishOverdue overdue)
    {
        foreach (var (command, asker, _) in _wishes.Where(w => w.Command.CommandId == overdue.CommandId).ToList())
            asker.Tell(WishRules.Answer(command, WishRules.NotStored, $"not stored within {WishLimit.TotalSeconds:0} s: look at the journal of {_settings.Self}; clpstat shows whether it came to be"));
        _wishes.RemoveAll(w => w.Command.CommandId == overdue.CommandId);
    }

    private sealed record WishOverdue(string CommandId);
}
