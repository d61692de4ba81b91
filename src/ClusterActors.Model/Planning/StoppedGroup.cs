using ClusterActors.Model.Events;
using ClusterActors.Model.Resources;

namespace ClusterActors.Model.Planning;

/// <summary>Decides about a group that no member reports as running. The only place where starts are planned.</summary>
internal sealed class StoppedGroup
{
    private readonly PlanningState _state;
    private readonly GroupConfig _config;
    private readonly GroupView _group;
    private readonly GroupRecord _record;

    private StoppedGroup(PlanningState state, GroupConfig config)
    {
        _state = state;
        _config = config;
        _group = state.Group(config.Name);
        _record = _group.Record;
    }

    public static PlannedAction Decide(PlanningState state, GroupConfig config)
    {
        var group = new StoppedGroup(state, config);
        return group.NotWanted() ?? group.StillWaiting() ?? group.NotProven() ?? group.WaitForOthers() ?? group.ByWish() ?? group.ByOrder();
    }

    /// <summary>The last owner is no reporting member, or about to be none: a start elsewhere would be a takeover.</summary>
    private ServerName? LostOwner =>
        _record.Owner is { } owner && (_state.EvidenceOf(_group, owner) is not Evidence.Stopped || _state.Server(owner).Leaving) ? owner : null;

    private bool RanBefore => _record.State is GroupState.Online or GroupState.OnlinePending or GroupState.OnlineFailure or GroupState.Unknown;

    /// <summary>A start now is one after a failure: of the group itself, or of the server that had it.</summary>
    private bool IsFailover => _record.State == GroupState.OnlineFailure || (LostOwner is not null && _record.State != GroupState.Offline);

    private PlannedAction? NotWanted()
    {
        if (_record.Wish == GroupWish.Stopped)
            return new Keep(_config.Name, new Because("an administrator wants it stopped", [], _record.WishCauseId));
        if (_record.Wish == GroupWish.Default && _config.StartUp == StartUp.Manual && !RanBefore)
            return new Keep(_config.Name, Why("start-up is manual and it was not running"));
        if (_state.View.Members.Count > 0 && _state.View.Members.All(m => _state.Server(m).Leaving))
            return new Keep(_config.Name, Why("every server is being stopped on request"));
        return null;
    }

    private Wait? StillWaiting()
    {
        if (_state.View.StartupWait is { } wait)
            return new Wait(_config.Name, Why(
                $"start-up waits for {string.Join(", ", wait.Servers)}, {wait.Remaining.TotalSeconds:0} s left; clp cluster start --alone ends the wait"));
        var silent = _state.View.Members.Where(m => _state.EvidenceOf(_group, m) == Evidence.Unreported).ToList();
        if (silent.Count == 0)
            return null;
        var because = Why($"{string.Join(", ", silent)} has not reported yet");
        return silent.All(s => _state.Server(s).State == ServerState.DaemonRestarting) ? new Wait(_config.Name, because) : NotKnown(because);
    }

    /// <summary>
    /// Whether it runs on a server can only be told by that server, and it has told nothing. Not for what settles by itself in a moment: a silence that
    /// leads to a verdict, a server that is joining, a daemon that is being restarted.
    /// </summary>
    private Wait NotKnown(Because because)
    {
        if (_config.BothActivationCheck)
            _state.Notice(RcEvents.BothActivationCheckWaits(_config.Name.Value, because.Sentence));
        return new Wait(_config.Name, because);
    }

    /// <summary>The safety rule: no start while the last owner may still run it, and none without a valid view.</summary>
    private PlannedAction? NotProven()
    {
        if (_record.Owner is { } owner && _state.EvidenceOf(_group, owner) == Evidence.Unproven)
            return Unproven(owner);
        if (WithoutProof() is { } open)
            return open;
        if (_state.View.Standing.IsValid)
            return null;
        var sentence = $"the view is not valid: {_state.View.Standing.Sentence}";
        return _state.Config.OnPartition == PartitionPolicy.Hold && !_state.View.Standing.SettlesSoon
            ? new Hold(_config.Name, Why($"{sentence}; the policy is hold"))
            : new Wait(_config.Name, Why(sentence));
    }

    /// <summary>The owner lost its right, but a resource of this group stays in use until its server is really off.</summary>
    private Wait? WithoutProof()
    {
        if (_config.NeedsProof is not { } resource || _record.Owner is not { } owner || !RanBefore
            || _state.EvidenceOf(_group, owner) != Evidence.Over || _state.Server(owner).IsProvenOff)
            return null;
        _state.Notice(CaEvents.TakeoverNeedsProof(_config.Name.Value, owner.Value, resource.Name.Value));
        return new Wait(_config.Name, new Because(
            $"{owner} had it and is excluded, but resource {resource.Name} ({resource.Type}) is safe only when {owner} is provably off: a fence must succeed, or clp fence confirm {owner}",
            [], _state.Server(owner).CauseId ?? _group.CauseId));
    }

    private PlannedAction Unproven(ServerName owner)
    {
        var server = _state.Server(owner);
        var sentence = server.State switch
        {
            ServerState.Down when _state.Config.OnPartition == PartitionPolicy.Hold =>
                $"{owner} had it and is silent; the policy is hold: confirm that {owner} is off, then start the group by hand",
            ServerState.Down when _state.Config.OnPartition == PartitionPolicy.AskArbiters =>
                $"{owner} had it, is silent, and is not excluded: that takes a majority of the votes, or a fence where there are none",
            ServerState.Down => $"{owner} had it and is silent; the vow to it has not run out in this term",
            ServerState.Unknown => $"{owner} had it last and nothing was heard from it yet",
            _ => $"{owner} had it last, is {CandidateChoice.Words(server.State)} and has not joined the view",
        };
        var because = new Because(sentence, [], server.CauseId ?? _group.CauseId);
        if (server.State == ServerState.Unknown)
            return NotKnown(because);
        if (server.State != ServerState.Down || _state.Config.OnPartition != PartitionPolicy.Hold)
            return new Wait(_config.Name, because);
        _state.Notice(CaEvents.TakeoverHeld(_config.Name.Value, owner.Value));
        return new Hold(_config.Name, because);
    }

    /// <summary>A wait that lasted its limit is over for good: starting later by itself would come at a moment that nobody expects.</summary>
    private PlannedAction? WaitForOthers()
    {
        if (_group.StartWaitExpired)
        {
            var awaited = string.Join(", ", _config.WaitFor);
            _state.Notice(RcEvents.StartWaitCancelled(_config.Name.Value, awaited));
            return new Hold(_config.Name, Why($"group {awaited} did not come online within {_config.WaitTimeout.TotalSeconds:0} s; start it by hand (clpgrp -s {_config.Name})"));
        }

        foreach (var name in _config.WaitFor)
        {
            var other = _state.Group(name);
            var online = other.Sightings.Any(s => s.State == GroupState.Online && _state.EvidenceOf(other, s.Server) == Evidence.Active);
            if (online)
                continue;
            _state.Notice(RcEvents.StartWaitBegan(_config.Name.Value, name.Value));
            return new Wait(_config.Name, Why($"waits for group {name} to be online")) { For = name };
        }

        return null;
    }

    private StartGroup? ByWish()
    {
        if (_record.WishedServer is not { } wished)
            return null;
        var verdict = CandidateChoice.ByWish(_state, _config, wished);
        if (verdict.Chosen)
            return Start(wished, new Because($"an administrator wants it on {wished}", [verdict], _record.WishCauseId));

        // The wished server itself is what was lost or has failed: the wish is spent, and the rules below decide as for any group.
        _state.SettleWish(_config.Name);
        if (LostOwner != wished && _record.Owner != wished)
            _state.Notice(CaEvents.MoveRefused(_config.Name.Value, wished.Value, verdict.Sentence));
        return null;
    }

    private PlannedAction ByOrder()
    {
        var obstacle = _record.State == GroupState.OnlineFailure ? Recovery.WhyNone(_state, _config, _group)
            : LostOwner is not null ? Recovery.WhyNotAutomatic(_state, _config)
            : _state.View.WhySuspended;
        if (obstacle is not null)
            return NotByItself(obstacle);
        var (chosen, candidates) = CandidateChoice.ByOrder(_state, _config, _config.Servers);
        CandidateChoice.NoticePassedOver(_state, _config.Name, candidates);
        if (chosen is not { } server)
        {
            _state.Notice(RcEvents.NoDestination(_config.Name.Value, string.Join("; ", candidates.Select(c => $"{c.Server} {c.Sentence}"))));
            return new Hold(_config.Name, new Because("no server may take it", candidates, _group.CauseId));
        }

        return Start(server, new Because(Reason(), candidates, CauseOfStart()));
    }

    private PlannedAction NotByItself(string obstacle)
    {
        if (_record.State == GroupState.OnlineFailure ? Recovery.IsSwitchedOff(_state, _config, _group) : _state.View is { Suspended: true, WishesUnknown: null })
            _state.Notice(RcEvents.ActionDisabled(IsFailover ? "failover" : "start", _config.Name.Value));
        if (_record.State == GroupState.OnlineFailure)
        {
            _state.Notice(CaEvents.GroupOnlineFailure(_config.Name.Value, obstacle));
            return new Keep(_config.Name, Why($"Online Failure: {obstacle}"));
        }

        if (LostOwner is not { } owner)
            return new Hold(_config.Name, Why(obstacle));
        _state.Notice(CaEvents.TakeoverRefused(_config.Name.Value, owner.Value, obstacle));
        return new Hold(_config.Name, Why($"{owner} had it last: {obstacle}") with { CauseId = CauseOfStart() });
    }

    private StartGroup Start(ServerName server, Because because)
    {
        // After an orderly stop on a server that goes, the address was given up a moment ago: as in a move, no probe is needed. An administrator
        // who asks after that gets a start like any other, and so does a group whose last start found its address in use.
        var cause = _record.FoundActive is not null ? StartCause.Start
            : IsFailover ? StartCause.Failover
            : LostOwner is not null && !_record.IsAskedAnew() ? StartCause.Move
            : StartCause.Start;
        _state.Occupy(server, _config.Name);
        _state.Notice(RcEvents.DestinationChosen(_config.Name.Value, server.Value, because.Sentence).FollowingFrom(because.CauseId));
        return new StartGroup(_config.Name, server, cause, because);
    }

    private string Reason()
    {
        if (_record.FoundActive is { } found)
            return $"{found} was in use when {_record.Owner} was to start it; a server that was out then takes part now, so the check is made again";
        if (_record.State == GroupState.OnlineFailure)
            return $"failed on {_record.Owner} (failover {_record.Failovers + 1} of {_config.FailoverThreshold})";
        if (LostOwner is { } owner)
        {
            var server = _state.Server(owner);
            var proof = server.State == ServerState.Clean ? $"{owner} is down and clean"
                : server.GrantOver ?? $"{owner} is being stopped on request";
            return _record.State != GroupState.Offline ? $"takeover from {owner}: {proof}" : $"{owner} had it last and stopped it: {proof}";
        }

        return _record.Wish == GroupWish.Started ? "an administrator wants it started"
            : RanBefore ? "it ran before and is stopped everywhere"
            : "start-up is automatic";
    }

    /// <summary>As in <see cref="Reason"/>: the loss of the owner, the command of an administrator who asked since, or what the group was stopped by.</summary>
    private string? CauseOfStart()
    {
        if (_record.State == GroupState.Offline && _record.IsAskedAnew() && _record.WishCauseId is { } wish)
            return wish;
        return LostOwner is { } owner && _state.Server(owner).CauseId is { } lost ? lost : _group.CauseId;
    }

    private Because Why(string sentence) => new(sentence, [], _group.CauseId);
}
