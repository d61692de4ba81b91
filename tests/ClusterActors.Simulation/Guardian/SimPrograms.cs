using System.Buffers.Binary;
using ClusterActors.Guardian.Control;
using ClusterActors.Model.Guardian;
using ClusterActors.Simulation.Machine;
using ClusterActors.Simulation.Time;

namespace ClusterActors.Simulation.Guardian;

/// <summary>The program table: starts and kills take time, tickets are used once, a kill closes the gate for starts.</summary>
internal sealed class SimPrograms(SimMachine machine, GuardianProcess process) : IProgramHost
{
    private readonly Chance _chance = machine.World.ChanceFor($"programs {machine.Index} at {machine.World.Now}");
    private readonly HashSet<string> _usedTickets = [];
    private readonly Dictionary<string, StartProgram> _starting = [];
    private readonly HashSet<(string, string)> _killing = [];
    private readonly Queue<ProgramExited> _exited = new();
    private readonly List<Action<KillOutcome>> _killWaits = [];
    private bool _open;

    public int FileDescriptor => -1;

    public int LiveCount => machine.Programs.Count;

    public bool IsEmpty => LiveCount == 0 && _starting.Count == 0;

    public int UnderWay => _starting.Count + _killWaits.Count;

    public void Dispatch()
    {
    }

    public IReadOnlyList<ProgramEntry> Programs() => [.. machine.Programs.Values.Select(p => new ProgramEntry(
        p.Ticket, p.Term, p.Group, p.Resource, p.Helper, p.ProcessId, TimeSpan.FromTicks((machine.Clock.Local - p.StartedAt) / 100)))];

    public IReadOnlyList<ProgramExited> Exited() => [.. _exited];

    public void AllowStarts()
    {
        if (_killWaits.Count > 0)
            throw new InvalidOperationException("starts cannot be allowed while all programs are being killed; wait for the report");
        _open = true;
    }

    public void Start(StartProgram request, Action<Reply> answer)
    {
        var name = (request.Group, request.Resource);
        process.MustBeInTerm(request.Term, $"{request.Group}.{request.Resource}");
        if (machine.Programs.TryGetValue(name, out SimProgram? live))
        {
            answer(live.Ticket == request.Ticket
                ? new Reply(GuardianResult.AlreadyDone, "runs", IdOf(live.ProcessId))
                : new Reply(GuardianResult.Refused, $"runs already by ticket {live.Ticket}", []));
            return;
        }

        if (!_open || _killing.Contains(name))
        {
            answer(new Reply(GuardianResult.Refused, "this server may not start programs now", []));
            return;
        }

        if (!_usedTickets.Add(request.Ticket))
        {
            answer(new Reply(GuardianResult.Refused, $"ticket {request.Ticket} has been used", []));
            return;
        }

        _starting.Add(request.Ticket, request);
        process.PostAfter(TimeSpan.FromMicroseconds(_chance.Between(3000, 20_000)), () => process.InControl(() => Launched(request, answer)));
    }

    public string? Signal(string ticket, int signal)
    {
        if (machine.Programs.Values.FirstOrDefault(p => p.Ticket == ticket) is not { } program)
            return $"ticket {ticket}: no such program runs";
        process.PostAfter(TimeSpan.FromMilliseconds(1), () => machine.EndProgram(program, -1, signal));
        return null;
    }

    public void Kill(string group, string resource, TimeSpan limit, Action<KillOutcome> done)
    {
        _killing.Add((group, resource));
        process.PostAfter(KillTime(), () => process.InControl(() =>
        {
            _killing.Remove((group, resource));
            if (machine.Programs.TryGetValue((group, resource), out SimProgram? program))
                machine.EndProgram(program, -1, 9);
            foreach (StartProgram start in _starting.Values.Where(s => s.Group == group && s.Resource == resource).ToArray())
                _starting.Remove(start.Ticket);
            done(new KillOutcome(true, ""));
        }));
    }

    public void Dismiss()
    {
    }

    public void KillAll(TimeSpan limit, Action<KillOutcome> done)
    {
        _open = false;
        _killWaits.Add(done);
        if (_killWaits.Count > 1)
            return;
        process.PostAfter(KillTime(), () => process.InControl(() =>
        {
            _starting.Clear();
            foreach (SimProgram program in machine.Programs.Values.ToArray())
                machine.EndProgram(program, -1, 9);
            Action<KillOutcome>[] waits = [.. _killWaits];
            _killWaits.Clear();
            foreach (Action<KillOutcome> wait in waits)
                wait(new KillOutcome(true, ""));
        }));
    }

    /// <summary>From the kernel.</summary>
    public void Ended(SimProgram program, int exitCode, int signal)
    {
        var exited = new ProgramExited(
            program.Ticket, program.Group, program.Resource, exitCode, signal, TimeSpan.FromTicks((machine.Clock.Local - program.StartedAt) / 100));
        _exited.Enqueue(exited);
        if (_exited.Count > 64)
            _exited.Dequeue();
        process.Core.Tell(exited);
    }

    public void Dispose()
    {
    }

    private static byte[] IdOf(int processId)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, processId);
        return bytes;
    }

    /// <summary>Mostly at once; a tree that is deep in the kernel takes its time.</summary>
    private TimeSpan KillTime() => machine.KillsTake > TimeSpan.Zero ? machine.KillsTake : TimeSpan.FromMicroseconds(
        _chance.Happens(HasSurvivors ? 0.8 : 0.1) ? _chance.Between(10_000, 900_000) : _chance.Between(500, 8000));

    /// <summary>What outlived its guardian did so for a reason.</summary>
    private bool HasSurvivors => machine.Programs.Values.Any(p => p.StartedBy != process);

    private void Launched(StartProgram request, Action<Reply> answer)
    {
        if (!_starting.Remove(request.Ticket) || !_open)
        {
            answer(new Reply(GuardianResult.Refused, "killed while it was being started", []));
            return;
        }

        var program = new SimProgram(
            request.Ticket, request.Term, request.Group, request.Resource, request.Helper, machine.NextProcessId(), machine.Clock.Local)
        { StartedBy = process };
        machine.Programs.Add((request.Group, request.Resource), program);
        machine.World.Note($"{machine.Name}: {request.Group}.{request.Resource} runs in term {request.Term}");
        machine.World.Oracle.Look(always: true);
        answer(new Reply(GuardianResult.Done, "", IdOf(program.ProcessId)));
    }
}
