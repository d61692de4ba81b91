namespace ClusterActors.Model.Planning;

/// <summary>Whether a group may be tried on another server by itself. The threshold counts failovers after failures of the group
/// itself; the death of a server is not the group's failure and is neither counted nor limited.</summary>
internal static class Recovery
{
    /// <summary>Why there is no automatic failover; null when one is allowed.</summary>
    public static string? WhyNone(PlanningState state, GroupConfig config, GroupView group) =>
        WhyKept(state, group) ?? WhyNotAgain(state, config, group.Record) ?? WhyNotAutomatic(state, config);

    /// <summary>It would be due: only what an administrator wants of the server or of the cluster stands against it.</summary>
    public static bool IsSwitchedOff(PlanningState state, GroupConfig config, GroupView group) =>
        WhyKept(state, group) is not null || (state.View is { Suspended: true, WishesUnknown: null } && WhyNotAgain(state, config, group.Record) is null);

    private static string? WhyKept(PlanningState state, GroupView group) =>
        group.Record.Owner is { } owner && state.IsMember(owner) && state.Server(owner) is { Mode: ServerMode.Maintenance } kept
            ? $"{owner} is {kept.ModeWords}"
            : null;

    /// <summary>The group itself has failed too often, or would be there twice.</summary>
    private static string? WhyNotAgain(PlanningState state, GroupConfig config, GroupRecord record) =>
        record.FoundActive is { } found && !MayAskAgain(state, config, record)
            ? $"{found} is in use by somebody else, so no server is tried; take it away there, then start the group by hand (clpgrp -s {config.Name})"
        : record.Failovers >= config.FailoverThreshold
            ? $"failovers are used up ({record.Failovers} of {config.FailoverThreshold})"
            : null;

    /// <summary>
    /// A server that was out when the others found the address in use may have been the one that had it. Since it takes part it is asked too, and then
    /// the check is made once more, by that server.
    /// </summary>
    private static bool MayAskAgain(PlanningState state, GroupConfig config, GroupRecord record) =>
        config.Servers.Any(s => state.IsMember(s) && !record.FailedOn.Contains(s));

    /// <summary>What keeps the cluster from moving groups to another server by itself; null when nothing does.</summary>
    public static string? WhyNotAutomatic(PlanningState state, GroupConfig config)
    {
        if (state.View.WhySuspended is { } suspended)
            return suspended;
        if (config.Failover == FailoverMode.Manual)
            return "failover is manual; start it by hand (clpgrp -s)";
        return state.DifferentlyConfigured.FirstOrDefault() is { } other
            ? $"configuration of {other.Name} ({ConfigHash.Short(other.ConfigHash!)}) differs from {ConfigHash.Short(state.Config.Hash)}; no automatic takeover"
            : null;
    }
}
