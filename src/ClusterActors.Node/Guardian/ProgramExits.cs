using System.Collections.Concurrent;
using ClusterActors.Model.Guardian;
using ClusterActors.Model.Resources;

namespace ClusterActors.Node.Guardian;

/// <summary>
/// Who waits for the end of which program. Fed by the guardian's notes and, after a reconnect, by its table, so that an end that
/// happened while nobody was connected is not missed. The newest ends stay, since a program may end before its starter waits.
/// </summary>
internal sealed class ProgramExits
{
    private const int EndsKept = 256;
    private readonly ConcurrentDictionary<string, TaskCompletionSource<ProgramExit>> _waits = new();
    private readonly ConcurrentQueue<string> _ended = new();

    /// <summary>The exit of a ticket, now or later.</summary>
    public Task<ProgramExit> Expect(string ticket) =>
        _waits.GetOrAdd(ticket, static _ => new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    /// <summary>Whether the exit of a ticket is waited for, or came while it was.</summary>
    public bool IsExpected(string ticket) => _waits.ContainsKey(ticket);

    /// <summary>The tickets waited for now.</summary>
    public IReadOnlyCollection<string> Waiting => [.. _waits.Keys];

    public void On(ProgramExited exited) => Complete(exited.Ticket, ToExit(exited));

    /// <summary>The guardian's table after a connect: what ended meanwhile, and what it does not know at all any more.</summary>
    /// <param name="before">Tickets waited for when the table was asked for; a later one may have been started after it was made.</param>
    public void On(GuardianTable table, IReadOnlyCollection<string> before)
    {
        foreach (var exited in table.Exited)
            On(exited);
        var live = table.Programs.Select(p => p.Ticket).ToHashSet();
        foreach (var ticket in before.Where(t => !live.Contains(t)))
            Complete(ticket, new ProgramExit(ticket, 137, 9, "ended with an earlier guardian or before its daemon came back"));
    }

    private void Complete(string ticket, ProgramExit exit)
    {
        if (!_waits.TryGetValue(ticket, out var wait) || !wait.TrySetResult(exit))
            return;
        _ended.Enqueue(ticket);
        if (_ended.Count > EndsKept && _ended.TryDequeue(out var oldest))
            _waits.TryRemove(oldest, out _);
    }

    public static ProgramExit ToExit(ProgramExited exited) => exited.Signal != 0
        ? new(exited.Ticket, 128 + exited.Signal, exited.Signal, $"signal {exited.Signal} after {exited.Lifetime.TotalSeconds:0.###} s")
        : new(exited.Ticket, exited.ExitCode, 0, $"exit code {exited.ExitCode} after {exited.Lifetime.TotalSeconds:0.###} s");
}
