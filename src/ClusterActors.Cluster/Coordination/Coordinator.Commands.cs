using ClusterActors.Actors;
using ClusterActors.Cluster.Groups;
using ClusterActors.Cluster.Wire;
using ClusterActors.Model;
using ClusterActors.Model.Events;

namespace ClusterActors.Cluster.Coordination;

public sealed partial class Coordinator
{
    private const int CommandsKept = 100;

    private void OnCommand(AdminCommand command)
    {
        var (refusal, targets) = CommandRules.Check(command, _settings.Config, _view, _plan, _settings.Self);
        if (refusal is null && _commands.Count >= CommandsKept)
            refusal = CommandRules.Busy(command, _commands.Count);
        if (refusal is not null)
        {
            _settings.Events.Tell(CaEvents.CommandRefused(command.Caller, Words(command), refusal.Message));
            Sender.Tell(refusal);
            return;
        }

        if (command.DryRun)
        {
            Sender.Tell(CommandRules.DryRun(command, targets, _view!, _settings.Config));
            return;
        }

        var stamps = targets.Keys.ToDictionary(g => g, g => StampOf(g));
        var done = _settings.Ids.Sign(CaEvents.CommandDone(command.Caller, Words(command), command.Reason));
        foreach (var (group, target) in targets)
            _settings.OwnResourceControl.Tell(new StoreWish(group, _view!.Term, WishOf(command), target, done.EventId));
        _settings.Events.Tell(done);
        foreach (var group in targets.Where(t => t.Value is not null && t.Value == command.Server).Select(t => t.Key))
            _settings.Events.Tell(RcEvents.DestinationNamed(group.Value, command.Server!.Value, command.Caller).FollowingFrom(done.EventId));
        _commands.Add(new PendingCommand(command, Sender, targets, stamps, new Dictionary<GroupName, AdminLine>()));
        Timers.StartSingleTimer(command.CommandId, new CommandOverdue(command.CommandId), TimeSpan.FromSeconds(Math.Clamp(command.WaitSeconds, 0, 86_400)));
    }

    private static GroupWish WishOf(AdminCommand command) => command.Verb == AdminVerb.Stop ? GroupWish.Stopped : GroupWish.Started;

    private static string Words(AdminCommand command) => $"{command.Verb} {command.Group?.Value ?? "every group"}{(command.Server is { } to ? $" on {to}" : "")}";

    private void JudgeCommands()
    {
        for (var i = _commands.Count - 1; i >= 0; i--)
        {
            // The first view behind a command may still be the one before its wish; the stored wish brings the next.
            var command = WishIsKnown(_commands[i]) ? _commands[i].Judge(_view!, _plan!) : _commands[i];
            _commands[i] = command;
            if (!command.IsOver)
                continue;
            _commands.RemoveAt(i);
            Timers.Cancel(command.Command.CommandId);
            command.Asker.Tell(CommandRules.Outcome(command));
        }
    }

    /// <summary>By its stamp: the wish itself may be an old one's equal, and a wished server is forgotten once it is served or refused.</summary>
    private bool WishIsKnown(PendingCommand command) => !NotStored(command).Any();

    private IEnumerable<GroupName> NotStored(PendingCommand command) => command.Before.Where(b => StampOf(b.Key).CompareTo(b.Value) <= 0).Select(b => b.Key);

    private (Term Term, long Generation) StampOf(GroupName group)
    {
        var record = RecordOf(group);
        return (record.WishTerm, record.WishGeneration);
    }

    private void OnCommandOverdue(CommandOverdue overdue)
    {
        var index = _commands.FindIndex(c => c.Command.CommandId == overdue.CommandId);
        if (index < 0)
            return;
        var command = _commands[index];
        command.Asker.Tell(WishIsKnown(command) || command.Command.WaitSeconds < CommandRules.StoreSeconds
            ? CommandRules.StillRunning(command, _plan, _refusals)
            : CommandRules.NotStored(command, NotStored(command), _settings.Self));
        _commands.RemoveAt(index);
    }

    private sealed record CommandOverdue(string CommandId);
}
