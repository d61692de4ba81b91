using System.Collections.Concurrent;
using ClusterActors.Model;
using ClusterActors.Model.Resources;

namespace ClusterActors.Resources.Tests;

/// <summary>A host that records what it is asked and lets the test end programs; the address and program tables are real.</summary>
internal sealed class FakeHost(TimeProvider time) : IResourceHost
{
    private readonly ConcurrentDictionary<string, (ProgramRequest Request, TaskCompletionSource<ProgramExit> Exit, int Pid)> _programs = new();
    private readonly ConcurrentDictionary<(GroupName, ResourceName), AddressRequest> _addresses = new();
    private readonly ConcurrentDictionary<(GroupName, ResourceName), TaskCompletionSource<string>> _losses = new();
    private int _nextPid = 100;

    public TimeProvider Time => time;

    public string ProgramLogFolder => "/var/log/clp/programs";

    public List<string> Calls { get; } = [];

    /// <summary>Called for each started program; returns an exit code for one that ends at once.</summary>
    public Func<ProgramRequest, int?> OnStart { get; set; } = _ => null;

    public string? RefuseWith { get; set; }

    /// <summary>Programs go on until they are killed.</summary>
    public bool IgnoresSignals { get; set; }

    public AddressRequest? Address(GroupName group, ResourceName resource) => _addresses.GetValueOrDefault((group, resource));

    public ProgramRequest Program(string ticket) => _programs[ticket].Request;

    public ProgramRequest OnlyProgram => _programs.Values.Single().Request;

    public void End(string ticket, int exitCode) =>
        _programs[ticket].Exit.TrySetResult(new ProgramExit(ticket, exitCode, 0, $"exit code {exitCode}"));

    public Task AddAddressAsync(AddressRequest request, CancellationToken cancellation)
    {
        if (RefuseWith is { } sentence)
            throw new ResourceHostException(sentence);
        _addresses[(request.Group, request.Resource)] = request;
        return Task.CompletedTask;
    }

    public Task RemoveAddressAsync(GroupName group, ResourceName resource, CancellationToken cancellation)
    {
        _addresses.TryRemove((group, resource), out _);
        return Task.CompletedTask;
    }

    public Task<bool> HasAddressAsync(GroupName group, ResourceName resource, CancellationToken cancellation) =>
        Task.FromResult(_addresses.ContainsKey((group, resource)));

    /// <summary>Takes the address away, as a guardian whose interface has gone.</summary>
    public void Lose(GroupName group, ResourceName resource, string why)
    {
        _addresses.TryRemove((group, resource), out _);
        _losses[(group, resource)].SetResult(why);
    }

    public Task<string> WaitForAddressLossAsync(GroupName group, ResourceName resource, CancellationToken cancellation) =>
        (_losses[(group, resource)] = new(TaskCreationOptions.RunContinuationsAsynchronously)).Task.WaitAsync(cancellation);

    public Task<ProgramStarted> StartProgramAsync(ProgramRequest request, CancellationToken cancellation)
    {
        Calls.Add("start " + request.Arguments[0]);
        if (RefuseWith is { } sentence)
            throw new ResourceHostException(sentence);
        if (_programs.TryGetValue(request.Ticket, out var live) && !live.Exit.Task.IsCompleted)
            return Task.FromResult(new ProgramStarted(request.Ticket, live.Pid, true));
        var pid = Interlocked.Increment(ref _nextPid);
        _programs[request.Ticket] = (request, new(TaskCreationOptions.RunContinuationsAsynchronously), pid);
        if (OnStart(request) is { } code)
            End(request.Ticket, code);
        return Task.FromResult(new ProgramStarted(request.Ticket, pid, false));
    }

    public Task<ProgramExit> WaitForExitAsync(string ticket, CancellationToken cancellation) => _programs[ticket].Exit.Task.WaitAsync(cancellation);

    public Task<ProgramStarted?> FindProgramAsync(GroupName group, ResourceName resource, CancellationToken cancellation) => FindLive(group, resource, false);

    public Task<ProgramStarted?> FindHelperAsync(GroupName group, ResourceName resource, CancellationToken cancellation) => FindLive(group, resource, true);

    public Task<ProgramExit?> FindExitAsync(string ticketBegin, CancellationToken cancellation) => Task.FromResult(
        _programs.Where(p => p.Key.StartsWith(ticketBegin, StringComparison.Ordinal) && p.Value.Exit.Task.IsCompleted).Select(p => p.Value.Exit.Task.Result).LastOrDefault());

    private Task<ProgramStarted?> FindLive(GroupName group, ResourceName resource, bool helper)
    {
        foreach (var (ticket, program) in _programs)
            if (program.Request.Helper == helper && program.Request.Group == group && program.Request.Resource == resource && !program.Exit.Task.IsCompleted)
                return Task.FromResult<ProgramStarted?>(new ProgramStarted(ticket, program.Pid, true));
        return Task.FromResult<ProgramStarted?>(null);
    }

    public Task SignalProgramAsync(string ticket, int signal, CancellationToken cancellation)
    {
        Calls.Add($"signal {signal}");
        if (!IgnoresSignals)
            End(ticket, 128 + signal);
        return Task.CompletedTask;
    }

    public Task KillContainmentAsync(GroupName group, ResourceName resource, CancellationToken cancellation)
    {
        Calls.Add("kill");
        foreach (var (ticket, program) in _programs)
            if (program.Request.Group == group && program.Request.Resource == resource)
                End(ticket, 137);
        return Task.CompletedTask;
    }
}
