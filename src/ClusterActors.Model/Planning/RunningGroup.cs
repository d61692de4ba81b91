using ClusterActors.Model.Events;
using ClusterActors.Model.Resources;

namespace ClusterActors.Model.Planning;

/// <summary>Decides about a group that at least one member reports as running or possibly running.</summary>
internal static class RunningGroup
{
    public static IEnumerable<PlannedAction> Decide(PlanningState state, GroupConfig config)
    {
        var group = state.Group(config.Name);
        var active = group.Sightings.Where(s => state.EvidenceOf(group, s.Server) == Evidence.Active).ToList();
        var stuck = active.Where(s => s.State == GroupState.OfflineFailure).ToList();
        if (stuck.Count > 0)
            return stuck.Select(s => Unsafe(state, config, group, s));
        return active.Count > 1 ? Twice(state, config, group, active) : [Once(state, config, group, active[0])];
    }

    /// <summary>The server could not stop it: nothing else may be done with the group before that server is proven stopped.</summary>
    private static PlannedAction Unsafe(PlanningState state, GroupConfig config, GroupView group, GroupSighting sighting)
    {
        state.Notice(CaEvents.ServerUnsafe(sighting.Server.Value, config.Name.Value));
        var resources = config.Resources.Where(r => sighting.NotStopping.Contains(r.Name)).ToList();
        var action = resources.Count == 0 ? FinalAction.StopDaemon : resources.Max(r => r.StopFinalAction);
        var what = sighting.NotStopping.Count == 0 ? "a resource" : string.Join(", ", sighting.NotStopping);
        if (state.Server(sighting.Server) is { Mode: ServerMode.Maintenance } kept)
        {
            return new Hold(config.Name,
                Why(group, $"{sighting.Server} could not stop {what} and is {kept.ModeWords}: stop it by hand; no final action and no takeover meanwhile"));
        }

        if (state.View.WishesUnknown is { } unknown)
            return new Hold(config.Name, Why(group, $"{sighting.Server} could not stop {what} and may be under maintenance: {unknown}; no final action and no takeover meanwhile"));
        return action >= FinalAction.StopDaemon
            ? new MakeServerSafe(config.Name, sighting.Server, action,
                Why(group, $"{sighting.Server} could not stop {what}: final action {Words(action)}; no takeover before it is down and clean"))
            : new Hold(config.Name,
                Why(group, $"{sighting.Server} could not stop {what} and its final action is {Words(action)}: stop {sighting.Server} by hand; no takeover beside it"));
    }

    /// <summary>Two servers have it (rc 92): the one that started it in the higher term stays. That is one whose start is too new for
    /// any record, else the owner of the merged record; the terms of the sightings decide only when a third server wrote that record,
    /// because a loser that has already merged shows the winner's term as its own.</summary>
    private static IEnumerable<PlannedAction> Twice(PlanningState state, GroupConfig config, GroupView group, List<GroupSighting> active)
    {
        var survivor = active.OrderByDescending(s => s.IsAheadOfRecord).ThenByDescending(s => s.Server == group.Record.Owner)
            .ThenByDescending(s => s.Term).ThenBy(s => state.Config.IndexOf(s.Server)).First();
        var term = survivor.Server == group.Record.Owner && !survivor.IsAheadOfRecord ? group.Record.Term : survivor.Term;
        state.Notice(RcEvents.GroupActiveTwice(config.Name.Value));
        state.Notice(RcEvents.BothActiveSurvivor(config.Name.Value, survivor.Server.Value));
        foreach (var loser in active.Where(s => s.Server != survivor.Server).OrderBy(s => state.Config.IndexOf(s.Server)))
        {
            state.Notice(RcEvents.BothActiveLoser(config.Name.Value, loser.Server.Value));
            yield return new StopGroup(config.Name, loser.Server,
                Why(group, $"active on {survivor.Server} and on {loser.Server}: {survivor.Server} started it in the higher term ({term}) and stays"));
        }
    }

    private static PlannedAction Once(PlanningState state, GroupConfig config, GroupView group, GroupSighting here)
    {
        var server = state.Server(here.Server);
        if (server.State == ServerState.DaemonRestarting)
            return new Wait(config.Name, Why(group, $"daemon of {here.Server} is being restarted; its guardian keeps the group running meanwhile"));
        if (here.State == GroupState.OfflinePending)
            return new Wait(config.Name, Why(group, $"being stopped on {here.Server}"));
        if (group.Record.Wish == GroupWish.Stopped)
            return new StopGroup(config.Name, here.Server, new Because("an administrator wants it stopped", [], group.Record.WishCauseId));
        if (server.Leaving)
            return new StopGroup(config.Name, here.Server, new Because($"{here.Server} is being stopped on request", [], server.CauseId));
        if (here.State == GroupState.OnlinePending)
            return new Wait(config.Name, Why(group, $"being started on {here.Server}"));
        if (group.Record.WishedServer is { } wished && wished != here.Server)
            return ByWish(state, config, group, here, wished);
        if (server.Mode == ServerMode.Standby && here.State == GroupState.Online)
            return Evacuate(state, config, group, here);
        return here.State == GroupState.OnlineFailure ? Failed(state, config, group, here) : Failback(state, config, group, here);
    }

    private static PlannedAction ByWish(PlanningState state, GroupConfig config, GroupView group, GroupSighting here, ServerName wished)
    {
        if (WhyNotMove(state, group) is { } unsure)
            return new Wait(config.Name, Why(group, $"move from {here.Server} to {wished} waits: {unsure}"));
        var verdict = CandidateChoice.ByWish(state, config, wished);
        if (verdict.Chosen)
        {
            state.Occupy(wished, config.Name);
            return new MoveGroup(config.Name, here.Server, wished, StartCause.Start,
                new Because($"an administrator wants it on {wished}", [verdict], group.Record.WishCauseId));
        }

        // A refused wish is not kept: it would move the group at some later moment that nobody expects.
        state.SettleWish(config.Name);
        state.Notice(CaEvents.MoveRefused(config.Name.Value, wished.Value, verdict.Sentence));
        return new Keep(config.Name, new Because(
            $"stays on {here.Server}: move to {wished} refused, {verdict.Sentence}", [verdict], group.Record.WishCauseId));
    }

    /// <summary>The server is on standby. A group that nobody else may take goes on running: an outage would help nobody.</summary>
    private static PlannedAction Evacuate(PlanningState state, GroupConfig config, GroupView group, GroupSighting here)
    {
        var (why, cause) = ($"{here.Server} is {state.Server(here.Server).ModeWords}", state.Server(here.Server).ModeCauseId);
        if (WhyNotMove(state, group) is { } unsure)
            return new Wait(config.Name, new Because($"move away waits, {why}: {unsure}", [], cause));
        var (chosen, candidates) = CandidateChoice.ByOrder(state, config, config.Servers);
        if (chosen is not { } target)
            return new Keep(config.Name, new Because($"stays on {here.Server} although {why}: no other server may take it", candidates, cause));
        state.SettleWish(config.Name);
        state.Occupy(target, config.Name);
        CandidateChoice.NoticePassedOver(state, config.Name, candidates);
        state.Notice(RcEvents.DestinationChosen(config.Name.Value, target.Value, why).FollowingFrom(cause));
        return new MoveGroup(config.Name, here.Server, target, StartCause.Start, new Because(why, candidates, cause));
    }

    /// <summary>Restarts in place are used up (that is when the owner reports Online Failure): one step further, or stay.</summary>
    private static PlannedAction Failed(PlanningState state, GroupConfig config, GroupView group, GroupSighting here)
    {
        if (Recovery.WhyNone(state, config, group) is { } none)
        {
            if (Recovery.IsSwitchedOff(state, config, group))
                state.Notice(RcEvents.ActionDisabled("failover", config.Name.Value));
            return StayFailed(state, config, here, new Because(none, [], group.CauseId));
        }

        if (WhyNotMove(state, group) is { } unsure)
            return new Wait(config.Name, Why(group, $"failover from {here.Server} waits: {unsure}"));
        var (chosen, candidates) = CandidateChoice.ByOrder(state, config, config.Servers, (here.Server, "the group failed there"));
        if (chosen is not { } target)
            return StayFailed(state, config, here, new Because("no other server may take it", candidates, group.CauseId));
        state.SettleWish(config.Name);
        state.Occupy(target, config.Name);
        CandidateChoice.NoticePassedOver(state, config.Name, candidates);
        var why = $"failed on {here.Server} (failover {group.Record.Failovers + 1} of {config.FailoverThreshold})";
        state.Notice(RcEvents.DestinationChosen(config.Name.Value, target.Value, why).FollowingFrom(group.CauseId));
        return new MoveGroup(config.Name, here.Server, target, StartCause.Failover, new Because(why, candidates, group.CauseId));
    }

    private static Keep StayFailed(PlanningState state, GroupConfig config, GroupSighting here, Because because)
    {
        state.Notice(CaEvents.GroupOnlineFailure(config.Name.Value, because.Sentence).FollowingFrom(because.CauseId));
        return new Keep(config.Name, because with { Sentence = $"Online Failure on {here.Server}: {because.Sentence}" });
    }

    private static PlannedAction Failback(PlanningState state, GroupConfig config, GroupView group, GroupSighting here)
    {
        var online = Why(group, $"online on {here.Server}");
        if (config.Failback == FailbackMode.Manual || state.View.Suspended || state.Server(here.Server).Mode == ServerMode.Maintenance || state.DifferentlyConfigured.Any()
            || group.Record.WishedServer == here.Server || WhyNotMove(state, group) is not null)
            return new Keep(config.Name, online);
        var preferred = config.Servers.TakeWhile(s => s != here.Server);
        var (chosen, candidates) = CandidateChoice.ByOrder(state, config, preferred);

        // A server that should be avoided was good enough for a takeover; going back to it would gain nothing.
        if (chosen is not { } target || candidates.Any(c => c.Chosen && c.Rule != CandidateRule.None))
            return new Keep(config.Name, online with { Candidates = candidates });
        if (state.Server(target).UpFor < config.FailbackHoldDown)
            return new Keep(config.Name, HeldDown(online, config, target));
        state.Occupy(target, config.Name);
        var cause = state.Server(target).CauseId;
        state.Notice(RcEvents.Failback(config.Name.Value, target.Value).FollowingFrom(cause));
        return new MoveGroup(config.Name, here.Server, target, StartCause.Start,
            new Because($"failback is automatic and {target} comes before {here.Server} in the order", candidates, cause));
    }

    /// <summary>A server that comes and goes would take its groups along, two outages each time. The next one in the order is no substitute: that would be a move more.</summary>
    private static Because HeldDown(Because online, GroupConfig config, ServerName target) =>
        online with { Sentence = $"{online.Sentence}; failback to {target} is held down until it has been up for {config.FailbackHoldDown.TotalSeconds:0} s without a break" };

    /// <summary>What makes a start elsewhere unsafe or impossible now, although the group is seen on one server only.</summary>
    private static string? WhyNotMove(PlanningState state, GroupView group)
    {
        if (!state.View.Standing.IsValid)
            return $"the view is not valid: {state.View.Standing.Sentence}";
        if (state.View.Members.FirstOrDefault(m => state.EvidenceOf(group, m) == Evidence.Unreported) is { } silent)
            return $"{silent} has not reported yet";
        return group.Record.Owner is { } owner && state.EvidenceOf(group, owner) == Evidence.Unproven
            ? $"{owner} is remembered as the last owner and is not proven stopped"
            : null;
    }

    private static Because Why(GroupView group, string sentence) => new(sentence, [], group.CauseId);

    private static string Words(FinalAction action) => action switch
    {
        FinalAction.None => "none",
        FinalAction.NoOperation => "no operation",
        FinalAction.StopGroup => "stop group",
        FinalAction.StopDaemon => "stop daemon",
        FinalAction.StopDaemonAndShutDown => "stop daemon and shut down",
        _ => "stop daemon and reboot",
    };
}
