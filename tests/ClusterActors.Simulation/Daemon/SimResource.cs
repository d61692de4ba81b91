using ClusterActors.Model;
using ClusterActors.Model.Guardian;
using ClusterActors.Model.Resources;
using ClusterActors.Simulation.Machine;
using ClusterActors.Simulation.Running;
using ClusterActors.Simulation.Time;

namespace ClusterActors.Simulation.Daemon;

/// <summary>
/// A resource that acts through the guardian as the product's types do: <c>fip</c> an address, <c>exec</c> a program. By its machine's
/// <see cref="ResourceTroubles"/> it fails, hangs, is slow, or lies about what is true.
/// </summary>
internal sealed class SimResource(DaemonProcess daemon, ResourceConfig config) : IResource
{
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan AskAgainAfter = TimeSpan.FromMilliseconds(20);
    private readonly Chance _chance = daemon.World.ChanceFor($"resource {config.Name} {daemon.Machine.Index} at {daemon.World.Now}");
    private int _busy;

    private ResourceTroubles Troubles => daemon.Machine.Troubles;

    private bool IsAddress => config.Type == "fip";

    public Task<ResourceOutcome> StartAsync(StartRequest request, CancellationToken cancellation) => AloneAsync(request.Group, async () =>
    {
        await TakeTimeAsync(10, 80, cancellation).ConfigureAwait(false);
        if (Troubles.StartsHang > 0)
        {
            Troubles.StartsHang--;
            await PauseAsync(TimeSpan.FromSeconds(20), cancellation).ConfigureAwait(false);
            return ResourceOutcome.Failed("the start hung");
        }

        if (Troubles.StartsFail > 0)
        {
            Troubles.StartsFail--;
            return ResourceOutcome.Failed("the start failed");
        }

        string ticket = request.Ticket;
        Reply reply = await AskInTermAsync(IsAddress
            ? new AddAddress(ticket, request.Term, request.Group.Value, config.Name.Value, SimCluster.AddressOf(request.Group), 24, "",
                request is { Cause: StartCause.Start, BothActivationCheck: true }, true, true)
            : new StartProgram(ticket, request.Term, request.Group.Value, config.Name.Value, false, ["/usr/bin/app"], [], "", "", Containment.Cgroup, "", 0),
            cancellation).ConfigureAwait(false);
        return reply.Succeeded ? ResourceOutcome.Running("runs") : throw Refusal(reply);
    });

    public Task<ResourceOutcome> StopAsync(StopRequest request, CancellationToken cancellation) => AloneAsync(request.Group, async () =>
    {
        await TakeTimeAsync(10, 60, cancellation).ConfigureAwait(false);
        if (Troubles.StopsFail > 0 && !request.Force)
        {
            Troubles.StopsFail--;
            return ResourceOutcome.Failed("it does not stop");
        }

        Reply reply = await AskAsync(IsAddress
            ? new RemoveAddress(request.Group.Value, config.Name.Value)
            : new KillContainment(request.Group.Value, config.Name.Value), cancellation).ConfigureAwait(false);
        return reply.Succeeded || reply.Result == GuardianResult.NotFound ? ResourceOutcome.Stopped("stopped") : throw Refusal(reply);
    });

    public async Task<ResourceOutcome> CheckAsync(StartRequest request, CancellationToken cancellation)
    {
        bool runs = await TicketAsync(request.Group, cancellation).ConfigureAwait(false) is not null || IsActiveByHand(request.Group);
        if (Troubles.ChecksLie > 0)
        {
            Troubles.ChecksLie--;
            runs = !runs;
        }

        return runs ? ResourceOutcome.Running("runs") : ResourceOutcome.Stopped("does not run");
    }

    public async Task<ResourceOutcome> WatchAsync(StartRequest request, CancellationToken cancellation)
    {
        string? ticket = IsAddress ? null : await TicketAsync(request.Group, cancellation).ConfigureAwait(false);
        if (!IsAddress && ticket is null)
            return ResourceOutcome.Failed("its program does not run");
        var cancelled = new TaskCompletionSource<string>();
        using (cancellation.Register(() => HereAndNow.Run(() => cancelled.TrySetCanceled(cancellation))))
        {
            if (ticket is null)
                return ResourceOutcome.Failed(await cancelled.Task.ConfigureAwait(false));
            Task<string> end = daemon.EndOf(ticket);
            Task<string> first = await Task.WhenAny(end, cancelled.Task).ConfigureAwait(false);
            return ResourceOutcome.Failed(await first.ConfigureAwait(false));
        }
    }

    private bool IsActiveByHand(GroupName group) => IsAddress
        ? daemon.Machine.AddressesByHand.Contains(SimCluster.AddressOf(group))
        : daemon.Machine.ByHand.Contains((group.Value, config.Name.Value));

    private async Task<string?> TicketAsync(GroupName group, CancellationToken cancellation)
    {
        Reply reply = await AskAsync(new GetTable(), cancellation).ConfigureAwait(false);
        if (!reply.Succeeded)
            throw Refusal(reply);
        return IsAddress
            ? reply.Table.Addresses.FirstOrDefault(a => a.Group == group.Value && a.Resource == config.Name.Value)?.Ticket
            : reply.Table.Programs.FirstOrDefault(p => p.Group == group.Value && p.Resource == config.Name.Value)?.Ticket;
    }

    private async Task<Reply> AskInTermAsync(GuardianRequest request, CancellationToken cancellation)
    {
        long began = daemon.Machine.Clock.Local;
        while (true)
        {
            Reply reply = await AskAsync(request, cancellation).ConfigureAwait(false);
            if (reply.Result != GuardianResult.NotYet || daemon.Machine.Clock.Local - began >= AnswerLimit.Ticks * 100)
                return reply;
            await PauseAsync(AskAgainAfter, cancellation).ConfigureAwait(false);
        }
    }

    private async Task<Reply> AskAsync(GuardianRequest request, CancellationToken cancellation)
    {
        try
        {
            return await daemon.Link.AskAsync(request, AnswerLimit, cancellationToken: cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or TimeoutException)
        {
            throw new ResourceHostException(e.Message);
        }
    }

    private static ResourceHostException Refusal(Reply reply) => new($"guardian: {reply.Result}: {reply.Sentence}")
    {
        Found = reply.Result == GuardianResult.InUse ? new InUse("address", reply.Holder) : null,
    };

    private Task TakeTimeAsync(int least, int most, CancellationToken cancellation) =>
        PauseAsync(TimeSpan.FromMilliseconds(_chance.Between(least, most)) * Troubles.Slowness, cancellation);

    private async Task PauseAsync(TimeSpan time, CancellationToken cancellation)
    {
        var over = new TaskCompletionSource();
        var timer = new SimTimer(daemon.Timers, () => over.TrySetResult());
        timer.SetAt(daemon.Machine.Clock.Local + (time.Ticks * 100));
        using (cancellation.Register(() =>
        {
            timer.Cancel();
            HereAndNow.Run(() => over.TrySetCanceled(cancellation));
        }))
        {
            await over.Task.ConfigureAwait(false);
        }
    }

    private async Task<ResourceOutcome> AloneAsync(GroupName group, Func<Task<ResourceOutcome>> operate)
    {
        if (_busy++ > 0)
            daemon.World.Oracle.Fail($"{daemon.Machine.Name}: two operations at once on {group}.{config.Name}");
        daemon.Operations++;
        try
        {
            return await operate().ConfigureAwait(false);
        }
        finally
        {
            _busy--;
            daemon.Operations--;
        }
    }
}
