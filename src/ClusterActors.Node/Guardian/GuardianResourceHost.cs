using System.Globalization;
using ClusterActors.Model;
using ClusterActors.Model.Guardian;
using ClusterActors.Model.Resources;

namespace ClusterActors.Node.Guardian;

/// <summary>
/// What resources may do to the machine, carried out by the guardian. Refusals become <see cref="ResourceHostException"/> with the
/// guardian's own sentence. Waits for exits survive a lost connection to the same guardian and end with its end.
/// </summary>
internal sealed class GuardianResourceHost(IGuardianLink link, ProgramExits exits, AddressLosses losses, TimeProvider time, string programLogFolder) : IResourceHost
{
    /// <summary>Longer than the duplicate-address probe (3 x 200 ms plus the last wait) and than a kill of a large containment.</summary>
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(15);

    /// <summary>A fraction of a beat: what waits for a term begins soon after everybody has adopted it.</summary>
    private static readonly TimeSpan AskAgainAfter = TimeSpan.FromMilliseconds(20);

    public TimeProvider Time => time;

    public string ProgramLogFolder => programLogFolder;

    public async Task AddAddressAsync(AddressRequest request, CancellationToken cancellation)
    {
        var add = new AddAddress(request.Ticket, request.Term, request.Group.Value, request.Resource.Value, request.Address,
            (byte)request.Prefix, request.Device ?? "", request.Probe, Announce: true, request.Fenced);
        var reply = await SendInTermAsync(add, cancellation).ConfigureAwait(false);
        if (reply.Result == GuardianResult.InUse)
            throw new ResourceHostException(reply.Sentence) { Found = new InUse(request.Address.ToString(), reply.Holder) };
        if (!reply.Succeeded)
            throw Refusal(add, reply);
    }

    public Task RemoveAddressAsync(GroupName group, ResourceName resource, CancellationToken cancellation) =>
        AskUnlessMissingAsync(new RemoveAddress(group.Value, resource.Value), cancellation);

    public async Task<bool> HasAddressAsync(GroupName group, ResourceName resource, CancellationToken cancellation)
    {
        var table = await TableAsync(cancellation).ConfigureAwait(false);
        return table.Addresses.Any(a => a.Group == group.Value && a.Resource == resource.Value);
    }

    public async Task<string> WaitForAddressLossAsync(GroupName group, ResourceName resource, CancellationToken cancellation)
    {
        using var wait = losses.Expect(group.Value, resource.Value);
        try
        {
            // After the wait has begun: what is lost from here on is told, what was lost before is not in the table.
            if (!await HasAddressAsync(group, resource, cancellation).ConfigureAwait(false))
                return "the guardian does not hold it any more";
        }
        catch (ResourceHostException)
        {
            // No connection: the table of the next greeting says it.
        }

        return await wait.Lost.WaitAsync(cancellation).ConfigureAwait(false);
    }

    public async Task<ProgramStarted> StartProgramAsync(ProgramRequest request, CancellationToken cancellation)
    {
        _ = exits.Expect(request.Ticket);
        var environment = request.Environment.Select(e => $"{e.Key}={e.Value}").ToArray();
        var start = new StartProgram(request.Ticket, request.Term, request.Group.Value, request.Resource.Value, request.Helper,
            request.Arguments, environment, request.WorkingDirectory, request.User ?? "", request.Containment, request.LogFile, request.LogLimitBytes);
        var reply = await SendInTermAsync(start, cancellation).ConfigureAwait(false);
        if (!reply.Succeeded)
            throw Refusal(start, reply);
        return new ProgramStarted(request.Ticket, reply.ProcessId, reply.Result == GuardianResult.AlreadyDone);
    }

    public async Task<ProgramExit> WaitForExitAsync(string ticket, CancellationToken cancellation)
    {
        if (!exits.IsExpected(ticket))
        {
            // Started by an earlier daemon: its end may have been told between the look that found it and now.
            _ = exits.Expect(ticket);
            try
            {
                exits.On(await TableAsync(cancellation).ConfigureAwait(false), [ticket]);
            }
            catch (ResourceHostException)
            {
                // No connection: the table of the next greeting says it.
            }
        }

        return await exits.Expect(ticket).WaitAsync(cancellation).ConfigureAwait(false);
    }

    public Task<ProgramStarted?> FindProgramAsync(GroupName group, ResourceName resource, CancellationToken cancellation) =>
        FindLiveAsync(group, resource, helper: false, cancellation);

    public Task<ProgramStarted?> FindHelperAsync(GroupName group, ResourceName resource, CancellationToken cancellation) =>
        FindLiveAsync(group, resource, helper: true, cancellation);

    public async Task<ProgramExit?> FindExitAsync(string ticketBegin, CancellationToken cancellation)
    {
        var table = await TableAsync(cancellation).ConfigureAwait(false);
        return table.Exited.LastOrDefault(e => e.Ticket.StartsWith(ticketBegin, StringComparison.Ordinal)) is { } exited ? ProgramExits.ToExit(exited) : null;
    }

    public Task SignalProgramAsync(string ticket, int signal, CancellationToken cancellation) =>
        AskUnlessMissingAsync(new SignalProgram(ticket, signal), cancellation);

    public Task KillContainmentAsync(GroupName group, ResourceName resource, CancellationToken cancellation) =>
        AskUnlessMissingAsync(new KillContainment(group.Value, resource.Value), cancellation);

    private async Task<ProgramStarted?> FindLiveAsync(GroupName group, ResourceName resource, bool helper, CancellationToken cancellation)
    {
        var table = await TableAsync(cancellation).ConfigureAwait(false);
        var program = table.Programs.FirstOrDefault(p => p.Helper == helper && p.Group == group.Value && p.Resource == resource.Value);
        return program is null ? null : new ProgramStarted(program.Ticket, program.ProcessId, true);
    }

    private async Task<GuardianTable> TableAsync(CancellationToken cancellation) =>
        (await AskAsync(new GetTable(), cancellation).ConfigureAwait(false)).Table;

    private async Task AskUnlessMissingAsync(GuardianRequest request, CancellationToken cancellation)
    {
        var reply = await SendAsync(request, cancellation).ConfigureAwait(false);
        if (!reply.Succeeded && reply.Result != GuardianResult.NotFound)
            throw Refusal(request, reply);
    }

    private async Task<Reply> AskAsync(GuardianRequest request, CancellationToken cancellation)
    {
        var reply = await SendAsync(request, cancellation).ConfigureAwait(false);
        return reply.Succeeded ? reply : throw Refusal(request, reply);
    }

    /// <summary>
    /// While a term is new nothing may be started in it for a beat or two. That is no failure of the resource: a program that ends just when a server
    /// joins would use up its restarts within milliseconds.
    /// </summary>
    private async Task<Reply> SendInTermAsync(GuardianRequest request, CancellationToken cancellation)
    {
        var began = time.GetTimestamp();
        while (true)
        {
            var reply = await SendAsync(request, cancellation).ConfigureAwait(false);
            if (reply.Result != GuardianResult.NotYet || time.GetElapsedTime(began) >= AnswerLimit)
                return reply;
            await Task.Delay(AskAgainAfter, time, cancellation).ConfigureAwait(false);
        }
    }

    private async Task<Reply> SendAsync(GuardianRequest request, CancellationToken cancellation)
    {
        try
        {
            return await link.AskAsync(request, AnswerLimit, cancellationToken: cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or TimeoutException)
        {
            throw new ResourceHostException(e.Message);
        }
    }

    private static ResourceHostException Refusal(GuardianRequest request, Reply reply) =>
        new(string.Create(CultureInfo.InvariantCulture, $"guardian: {request.Type} {(reply.Result == GuardianResult.Refused ? "refused" : "failed")}: {reply.Sentence}"));
}
