using ClusterActors.Model;
using ClusterActors.Model.Resources;
using ClusterActors.Simulation.Time;

namespace ClusterActors.Cluster.Tests.Pair;

/// <summary>A program under a <see cref="FakeGuardian"/>. Starts and stops take virtual time; each is checked against the rules.</summary>
internal sealed class FakeResource(World world, int server, ResourceConfig config) : IResource
{
    private static readonly TimeSpan Takes = TimeSpan.FromMilliseconds(50);

    private FakeGuardian Guardian => world.Guardians[server];

    public Task<ResourceOutcome> StartAsync(StartRequest request, CancellationToken cancellation) => Alone(request.Group, async () =>
    {
        world.Log($"start {request.Group}.{config.Name} on {request.Self} ({request.Cause})");
        await world.Delay(Takes, cancellation).ConfigureAwait(false);
        if (world.StartsToFail.TryGetValue((server, config.Name.Value), out var left) && left > 0)
        {
            world.StartsToFail[(server, config.Name.Value)] = left - 1;
            return ResourceOutcome.Failed("refused by the test");
        }

        if (world.StartsThatThrow.Contains((server, config.Name.Value)))
            throw new InvalidOperationException("not foreseen");
        if (request is { Cause: StartCause.Start, BothActivationCheck: true } && world.InUse.Contains(config.Name.Value))
            throw new ResourceHostException("10.0.0.100 is in use on eth0") { Found = new InUse("10.0.0.100", "02:00:00:00:00:09") };
        if (!Guardian.MayStart || request.Term != Guardian.Term)
            throw new ResourceHostException($"guardian: term is {Guardian.Term}, asked in {request.Term}");
        if (!world.Tickets.Add((Guardian.Incarnation, request.Ticket)))
            world.Violations.Add($"ticket {request.Ticket} was used twice");
        Guardian.Programs[(request.Group.Value, config.Name.Value)] = new(request.Ticket, request.Term);
        world.CheckOwners();
        return ResourceOutcome.Running("pid 4711");
    });

    public Task<ResourceOutcome> StopAsync(StopRequest request, CancellationToken cancellation) => Alone(request.Group, async () =>
    {
        world.Log($"stop {request.Group}.{config.Name} on {request.Self}");
        await world.Delay(Takes, cancellation).ConfigureAwait(false);
        if (world.Unstoppable.Contains((server, config.Name.Value)))
            return ResourceOutcome.Failed("does not stop");
        Guardian.End((request.Group.Value, config.Name.Value), "stopped");
        return ResourceOutcome.Stopped("stopped");
    });

    public Task<ResourceOutcome> CheckAsync(StartRequest request, CancellationToken cancellation) =>
        Task.FromResult(Guardian.Programs.ContainsKey((request.Group.Value, config.Name.Value))
            ? ResourceOutcome.Running("pid 4711")
            : ResourceOutcome.Stopped("its program does not run"));

    public async Task<ResourceOutcome> WatchAsync(StartRequest request, CancellationToken cancellation)
    {
        if (!Guardian.Programs.TryGetValue((request.Group.Value, config.Name.Value), out var program))
            return ResourceOutcome.Failed("its program does not run");
        var cancelled = new TaskCompletionSource<string>();
        using (cancellation.Register(() => HereAndNow.Run(() => cancelled.TrySetCanceled(cancellation))))
        {
            var first = await Task.WhenAny(program.Ended.Task, cancelled.Task).ConfigureAwait(false);
            return ResourceOutcome.Failed(await first.ConfigureAwait(false));
        }
    }

    private async Task<ResourceOutcome> Alone(GroupName group, Func<Task<ResourceOutcome>> operate)
    {
        var key = (server, group.Value, config.Name.Value);
        if (!world.Busy.Add(key))
            world.Violations.Add($"two operations at once on {group}.{config.Name} of server {server}");
        try
        {
            return await operate().ConfigureAwait(false);
        }
        finally
        {
            world.Busy.Remove(key);
        }
    }
}
