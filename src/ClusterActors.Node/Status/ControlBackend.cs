using System.Globalization;
using ClusterActors.Actors;
using ClusterActors.Cluster;
using ClusterActors.Cluster.Arbitration;
using ClusterActors.Cluster.Coordination;
using ClusterActors.Cluster.Events;
using ClusterActors.Cluster.Process;
using ClusterActors.Cluster.Wire;
using ClusterActors.Control;
using ClusterActors.Model;
using ClusterActors.Model.Events;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Node.Status;

/// <summary>The control API's questions as questions to the actors. Status never leaves this server; commands go to the coordinator.</summary>
internal sealed class ControlBackend(ClusterConfig config, ServerName self, ClusterSystem cluster, IGuardianLink guardian, Notices notices, TimeProvider time) : IControlBackend
{
    private static readonly TimeSpan LocalLimit = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan RemoteMargin = TimeSpan.FromSeconds(5);

    public async Task<ClusterStatus> GetStatusAsync(CancellationToken cancellation)
    {
        var shown = await cluster.Coordinator.Ask<PlanShown>(new GetPlan(), LocalLimit, cancellation).ConfigureAwait(false);
        var phase = await cluster.ProcessManager.Ask<PhaseShown>(new GetPhase(), LocalLimit, cancellation).ConfigureAwait(false);
        var status = StatusMapper.Map(config, self, shown, phase, time) with { Warnings = notices.All };
        return await ArbitersAsync(cancellation).ConfigureAwait(false) is { } arbiters ? ArbiterMapper.Add(status, config, arbiters) : status;
    }

    public Task<CommandReply> StartGroupAsync(string? group, GroupCommand command, Caller caller, CancellationToken cancellation) =>
        CommandAsync(AdminVerb.Start, group, command, caller, cancellation);

    public Task<CommandReply> StopGroupAsync(string? group, GroupCommand command, Caller caller, CancellationToken cancellation) =>
        CommandAsync(AdminVerb.Stop, group, command, caller, cancellation);

    public Task<CommandReply> MoveGroupAsync(string? group, GroupCommand command, Caller caller, CancellationToken cancellation) =>
        CommandAsync(AdminVerb.Move, group, command, caller, cancellation);

    public async Task<CommandReply> StopClusterAsync(ClusterCommand command, Caller caller, CancellationToken cancellation)
    {
        if (command.Options.DryRun)
            return new(ExitCode.Done, "nothing was changed", null, [], [command.All ? "every server would stop its groups in order and leave" : $"{self} would stop its groups in order and leave"]);
        var order = new StopServerOrder(NewId(), command.Options.Reason ?? "stop command", caller.Name) { All = command.All };
        var others = command.All ? config.Servers.Where(s => s.Name != self).Select(s => s.Name) : [];
        var lines = await Task.WhenAll(others.Select(s => StopOneAsync(s, order, cancellation))).ConfigureAwait(false);
        // This server last: the answer has to get out before its API ends.
        var own = await StopOneAsync(self, order, cancellation).ConfigureAwait(false);
        IReadOnlyList<CommandLineResult> all = [.. lines, own];
        return all.All(l => l.Succeeded)
            ? new(ExitCode.Done, "Command succeeded.", order.CommandId, all, [])
            : new(ExitCode.Partial, "not every server could be told", order.CommandId, all, []);
    }

    public async Task<CommandReply> CancelStartupWaitAsync(CommandOptions options, Caller caller, CancellationToken cancellation)
    {
        var ended = await cluster.ProcessManager.Ask<StartupWaitEnded>(
            new EndStartupWait(caller.Name, options.Reason ?? "no reason given"), LocalLimit, cancellation).ConfigureAwait(false);
        return new(ended.Accepted ? ExitCode.Done : ExitCode.Refused, ended.Sentence, null, [], [ended.Sentence]);
    }

    public Task<CommandReply> WishAsync(WishRequest wish, Caller caller, CancellationToken cancellation) =>
        new WishBackend(self, cluster).AskAsync(wish, caller, cancellation);

    public async Task<GroupExplanation?> ExplainGroupAsync(string group, CancellationToken cancellation)
    {
        if (config.FindGroup(new GroupName(group)) is null)
            return null;
        var shown = await cluster.Coordinator.Ask<PlanShown>(new GetPlan(), LocalLimit, cancellation).ConfigureAwait(false);
        var events = await GetEventsAsync(-1, 2_000, cancellation).ConfigureAwait(false);
        return GroupExplainer.Explain(config, new GroupName(group), shown, await ArbitersAsync(cancellation).ConfigureAwait(false), events.Events);
    }

    public async Task<EventPage> GetEventsAsync(long after, int max, CancellationToken cancellation)
    {
        var read = await cluster.Events.Ask<EventsRead>(new ReadEvents(after, max), LocalLimit, cancellation).ConfigureAwait(false);
        return new([.. read.Events.Select(ToDto)], read.Last);
    }

    public Task WaitForEventAsync(long after, CancellationToken cancellation) =>
        cluster.Events.Ask<EventsRead>(new AwaitEvent(after), TimeSpan.FromMinutes(10), cancellation);

    public Task<GuardianAnswer> GetGuardianAsync(CancellationToken cancellation) => GuardianFiguresMaker.AskAsync(guardian, self, cancellation);

    public async Task<CheckReport> CheckClusterAsync(CancellationToken cancellation)
    {
        var shown = await cluster.Coordinator.Ask<PlanShown>(new GetPlan(), LocalLimit, cancellation).ConfigureAwait(false);
        var known = ClusterChecks.Judge(config, self, shown.Membership);
        return shown.Membership is not { } membership
            ? known
            : new([.. known.Results, .. await new PortChecks(config, self, cluster).AskAsync(membership, cancellation).ConfigureAwait(false)]);
    }

    public async Task<CommandReply> TestFenceAsync(string server, FenceTestCommand command, Caller caller, CancellationToken cancellation)
    {
        if (config.FindServer(new ServerName(server)) is null)
            return new(ExitCode.NotFound, $"there is no server {server}; clpstat lists the servers", null, [], []);
        if (cluster.Arbitration.IsNobody())
            return new(ExitCode.Refused, "no fence is configured: it needs on-partition = ask-arbiters and an arbiter of type fence", null, [], []);
        if (command.Options.DryRun)
            return new(ExitCode.Done, "nothing was done", null, [], [command.Really ? $"{server} would be switched off" : $"every fence of {server} would be asked for its state"]);
        try
        {
            var tested = await cluster.Arbitration.Ask<FenceTested>(
                new TestFence(new ServerName(server), command.Really, caller.Name), TimeSpan.FromSeconds(command.Options.WaitSeconds), cancellation).ConfigureAwait(false);
            var failed = tested.Lines.Count(l => !l.Succeeded);
            return new(failed == 0 ? ExitCode.Done : ExitCode.Partial, failed == 0 ? "Command succeeded." : $"{failed} of {tested.Lines.Count} failed", null,
                [.. tested.Lines.Select(l => new CommandLineResult($"Fence {server} by {l.Arbiter}", l.Succeeded, l.Sentence))], []);
        }
        catch (Exception e) when (e is AskTimeoutException or TimeoutException)
        {
            return new(ExitCode.StillRunning, $"not finished after {command.Options.WaitSeconds:0.###} s; it goes on", null, [], []);
        }
    }

    public async Task<CommandReply> ConfirmOffAsync(string server, CommandOptions options, Caller caller, CancellationToken cancellation)
    {
        if (config.FindServer(new ServerName(server)) is null)
            return new(ExitCode.NotFound, $"there is no server {server}; clpstat lists the servers", null, [], []);
        if (options.DryRun)
            return new(ExitCode.Done, "nothing was changed", null, [], [$"{server} would count as off, and its groups be taken over"]);
        var (coordinator, target) = await CoordinatorAsync(cancellation).ConfigureAwait(false);
        try
        {
            var answer = await target.Ask<ConfirmOffAnswer>(new ConfirmOff(NewId(), new ServerName(server), caller.Name, options.Reason ?? ""), RemoteMargin, cancellation).ConfigureAwait(false);
            return new(answer.Accepted ? ExitCode.Done : ExitCode.Refused, answer.Sentence, answer.CommandId, [], []);
        }
        catch (Exception e) when (e is AskTimeoutException or TimeoutException)
        {
            return new(ExitCode.Unreachable, $"the coordinator {coordinator} did not answer: {e.Message}", null, [], []);
        }
    }

    /// <summary>Null unless arbiters are asked; a daemon whose arbitration is busy starting still has a status.</summary>
    private async Task<ArbitersShown?> ArbitersAsync(CancellationToken cancellation)
    {
        if (cluster.Arbitration.IsNobody())
            return null;
        return await cluster.Arbitration.Ask<ArbitersShown>(new GetArbiters(), LocalLimit, cancellation).ConfigureAwait(false);
    }

    private async Task<(ServerName Coordinator, ICanTell Target)> CoordinatorAsync(CancellationToken cancellation)
    {
        var shown = await cluster.Coordinator.Ask<PlanShown>(new GetPlan(), LocalLimit, cancellation).ConfigureAwait(false);
        var coordinator = shown.Plan?.Coordinator ?? self;
        return (coordinator, coordinator == self ? cluster.Coordinator : ClusterSystem.Remote(cluster.System, coordinator, ClusterSystem.CoordinatorName));
    }

    private async Task<CommandReply> CommandAsync(AdminVerb verb, string? group, GroupCommand command, Caller caller, CancellationToken cancellation)
    {
        var (coordinator, target) = await CoordinatorAsync(cancellation).ConfigureAwait(false);
        var order = new AdminCommand(NewId(), verb, group is null ? null : new GroupName(group), command.Server is null ? null : new ServerName(command.Server),
            command.Options.WaitSeconds, command.Options.DryRun, command.Options.Reason ?? "", caller.Name);
        try
        {
            var outcome = await target.Ask<AdminOutcome>(order, TimeSpan.FromSeconds(command.Options.WaitSeconds) + RemoteMargin, cancellation).ConfigureAwait(false);
            return new((ExitCode)outcome.Code, outcome.Message, outcome.CommandId,
                [.. outcome.Lines.Select(l => new CommandLineResult(l.Subject, l.Succeeded, l.Message))], outcome.Because);
        }
        catch (Exception e) when (e is AskTimeoutException or TimeoutException)
        {
            return new(ExitCode.Unreachable, $"the coordinator {coordinator} did not answer: {e.Message}", order.CommandId, [], []);
        }
    }

    private async Task<CommandLineResult> StopOneAsync(ServerName server, StopServerOrder order, CancellationToken cancellation)
    {
        ICanTell target = server == self ? cluster.ProcessManager : ClusterSystem.Remote(cluster.System, server, ClusterSystem.ProcessManagerName);
        try
        {
            await target.Ask<StopServerAccepted>(order, RemoteMargin, cancellation).ConfigureAwait(false);
            return new($"Stop {server}", true, "Command succeeded.");
        }
        catch (Exception e) when (e is AskTimeoutException or TimeoutException)
        {
            return new($"Stop {server}", false, $"did not answer within {RemoteMargin.TotalSeconds} s");
        }
    }

    private static string NewId() => Guid.NewGuid().ToString("N");

    private static EventDto ToDto(NumberedEvent numbered)
    {
        var (sequence, raised) = numbered;
        return new(sequence, raised.Time.ToString("O", CultureInfo.InvariantCulture), raised.Server.Value, raised.Key.Module, raised.Key.Id,
            raised.Level.ToString(), raised.Render(EventCatalogue.Default, EventLanguage.English), raised.Term.ToString(), raised.CauseId, raised.EventId,
            raised.Parameters.ToDictionary(p => p.Name, p => p.Value));
    }
}
