using ClusterActors.Model;
using ClusterActors.Model.Resources;

namespace ClusterActors.Resources.Exec;

/// <summary>
/// Starts and stops a program through the guardian, whose child it is. It outlives the daemon and dies with the guardian; whatever
/// it forks is held in its containment and killed as a whole when a stop or a start takes too long.
/// </summary>
internal sealed class ExecResource(ExecOptions options, IResourceHost host) : IResource
{
    private const int Terminate = 15;

    public Task<ResourceOutcome> StartAsync(StartRequest request, CancellationToken cancellation) =>
        options.IsAsynchronous ? StartServiceAsync(request, cancellation) : RunStartProgramAsync(request, cancellation);

    public async Task<ResourceOutcome> StopAsync(StopRequest request, CancellationToken cancellation)
    {
        var outcome = ResourceOutcome.Stopped("stopped");
        if (!request.Force && options.Stop.Count > 0)
            outcome = await RunStopProgramAsync(request, cancellation).ConfigureAwait(false);
        if (options.IsAsynchronous && !request.Force && outcome.Succeeded && !await ServiceEndsAsync(request, cancellation).ConfigureAwait(false))
            outcome = outcome with { KilledAfter = options.StopTimeout };
        await host.KillContainmentAsync(request.Group, request.Resource.Name, cancellation).ConfigureAwait(false);
        return outcome;
    }

    public async Task<ResourceOutcome> CheckAsync(StartRequest request, CancellationToken cancellation)
    {
        var program = await host.FindProgramAsync(request.Group, request.Resource.Name, cancellation).ConfigureAwait(false);
        if (program is not null)
            return ResourceOutcome.Running($"pid {program.ProcessId}");
        if (options.IsAsynchronous)
            return ResourceOutcome.Stopped("its program does not run");
        // A synchronous start leaves nothing that could be asked; its caller only checks under the guardian that ran it.
        return request.CutShort.Length == 0
            ? ResourceOutcome.Running("started under this guardian")
            : await CheckCutShortAsync(request, cancellation).ConfigureAwait(false);
    }

    private async Task<ResourceOutcome> CheckCutShortAsync(StartRequest request, CancellationToken cancellation)
    {
        if (await host.FindExitAsync(request.CutShort, cancellation).ConfigureAwait(false) is { ExitCode: 0 })
            return ResourceOutcome.Running("start program had ended with exit code 0");
        await host.KillContainmentAsync(request.Group, request.Resource.Name, cancellation).ConfigureAwait(false);
        return ResourceOutcome.Stopped("its start was cut short");
    }

    public async Task<ResourceOutcome> WatchAsync(StartRequest request, CancellationToken cancellation)
    {
        if (!options.IsAsynchronous)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, host.Time, cancellation).ConfigureAwait(false);
            return ResourceOutcome.Stopped("not watched");
        }

        var program = await host.FindProgramAsync(request.Group, request.Resource.Name, cancellation).ConfigureAwait(false);
        if (program is null)
            return ResourceOutcome.Failed("its program does not run");
        var exit = await host.WaitForExitAsync(program.Ticket, cancellation).ConfigureAwait(false);
        return ResourceOutcome.Failed($"its program ended: {exit.Sentence}");
    }

    private async Task<ResourceOutcome> StartServiceAsync(StartRequest request, CancellationToken cancellation)
    {
        var started = await host.StartProgramAsync(
            Program(request.Group, request.Resource, request.Term, request.Ticket, options.Start, ExecEnvironment.ForStart(options, request), helper: false),
            cancellation).ConfigureAwait(false);
        return ResourceOutcome.Running(started.AlreadyRunning ? $"pid {started.ProcessId}, was running" : $"pid {started.ProcessId}");
    }

    private async Task<ResourceOutcome> RunStartProgramAsync(StartRequest request, CancellationToken cancellation)
    {
        var exit = await RunToEndAsync(
            Program(request.Group, request.Resource, request.Term, request.Ticket, options.Start, ExecEnvironment.ForStart(options, request), helper: true),
            options.StartTimeout, cancellation).ConfigureAwait(false);
        if (exit is { ExitCode: 0 })
            return ResourceOutcome.Running("start program ended with exit code 0");
        await host.KillContainmentAsync(request.Group, request.Resource.Name, cancellation).ConfigureAwait(false);
        return exit is null
            ? ResourceOutcome.Failed($"start program did not end within {options.StartTimeout.TotalSeconds:0.###} s; everything of it was killed") with { KilledAfter = options.StartTimeout }
            : ResourceOutcome.Failed($"start program failed: {exit.Sentence}");
    }

    private async Task<ResourceOutcome> RunStopProgramAsync(StopRequest request, CancellationToken cancellation)
    {
        var exit = await StopOrGoOnAsync(request, cancellation).ConfigureAwait(false);
        return exit switch
        {
            { ExitCode: 0 } => ResourceOutcome.Stopped("stopped"),
            null => ResourceOutcome.Failed($"stop program did not end within {options.StopTimeout.TotalSeconds:0.###} s; everything of it was killed") with { KilledAfter = options.StopTimeout },
            _ => ResourceOutcome.Failed($"stop program failed: {exit.Sentence}"),
        };
    }

    /// <summary>
    /// Of the earlier daemon, or of an order cut short, a stop program may run still: that one goes on, a second one beside it would get in its way. A
    /// start program that runs still ends first, with all of it, since what it does after the stop program would stay.
    /// </summary>
    /// <returns>Null when the limit was reached first.</returns>
    private async Task<ProgramExit?> StopOrGoOnAsync(StopRequest request, CancellationToken cancellation)
    {
        var helper = await host.FindHelperAsync(request.Group, request.Resource.Name, cancellation).ConfigureAwait(false);
        var stops = $"stop-{request.Group}-{request.Resource.Name}-";
        if (helper is not null && helper.Ticket.StartsWith(stops, StringComparison.Ordinal))
            return await WithinAsync(host.WaitForExitAsync(helper.Ticket, cancellation), options.StopTimeout, cancellation).ConfigureAwait(false);
        if (helper is not null)
            await host.KillContainmentAsync(request.Group, request.Resource.Name, cancellation).ConfigureAwait(false);
        var ticket = $"{stops}{request.Attempt}-{host.Time.GetTimestamp()}";
        return await RunToEndAsync(
            Program(request.Group, request.Resource, request.Term, ticket, options.Stop, ExecEnvironment.ForStop(options, request), helper: true),
            options.StopTimeout, cancellation).ConfigureAwait(false);
    }

    /// <returns>False when it still runs at the end of the limit.</returns>
    private async Task<bool> ServiceEndsAsync(StopRequest request, CancellationToken cancellation)
    {
        var program = await host.FindProgramAsync(request.Group, request.Resource.Name, cancellation).ConfigureAwait(false);
        if (program is null)
            return true;
        if (options.Stop.Count == 0)
            await host.SignalProgramAsync(program.Ticket, Terminate, cancellation).ConfigureAwait(false);
        return await WithinAsync(host.WaitForExitAsync(program.Ticket, cancellation), options.StopTimeout, cancellation).ConfigureAwait(false) is not null;
    }

    /// <returns>Null when the limit was reached first.</returns>
    private async Task<ProgramExit?> RunToEndAsync(ProgramRequest program, TimeSpan limit, CancellationToken cancellation)
    {
        await host.StartProgramAsync(program, cancellation).ConfigureAwait(false);
        return await WithinAsync(host.WaitForExitAsync(program.Ticket, cancellation), limit, cancellation).ConfigureAwait(false);
    }

    private async Task<ProgramExit?> WithinAsync(Task<ProgramExit> exit, TimeSpan limit, CancellationToken cancellation)
    {
        try
        {
            return await exit.WaitAsync(limit, host.Time, cancellation).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            return null;
        }
    }

    private ProgramRequest Program(
        GroupName group, ResourceConfig resource, Term term, string ticket, IReadOnlyList<string> arguments, Dictionary<string, string> environment, bool helper) =>
        new(group, resource.Name, term, ticket, arguments, environment, options.WorkingDirectory, options.User, options.Containment,
            Path.Combine(host.ProgramLogFolder, $"{group}.{resource.Name}.log"), options.LogLimitBytes, helper);
}
