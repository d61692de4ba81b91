using System.Buffers.Binary;
using ClusterActors.Guardian.Programs;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Guardian.Control;

/// <summary>The program table behind the control thread's port; turns its answers into replies.</summary>
internal sealed class ProgramTableHost(ProgramTable table) : IProgramHost
{
    public int FileDescriptor => table.FileDescriptor;

    public int LiveCount => table.LiveCount;

    public bool IsEmpty => table.IsEmpty;

    public void Dispatch() => table.Dispatch();

    public IReadOnlyList<ProgramEntry> Programs() => table.Programs();

    public IReadOnlyList<ProgramExited> Exited() => table.Exited();

    public void AllowStarts() => table.AllowStarts();

    public void Start(StartProgram request, Action<Reply> answer) => table.Start(request, a => answer(ToReply(a)));

    public string? Signal(string ticket, int signal) => table.Signal(ticket, signal);

    public void Kill(string group, string resource, TimeSpan limit, Action<KillOutcome> done) =>
        table.Kill(group, resource, limit, report => done(new KillOutcome(report.Empty, report.Sentence)));

    public void KillAll(TimeSpan limit, Action<KillOutcome> done) =>
        table.KillAll(limit, report => done(new KillOutcome(report.Empty, report.Sentence)));

    public void Dismiss()
    {
        if (table.IsEmpty)
            table.DismissReaper();
    }

    public void Dispose() => table.Dispose();

    private static Reply ToReply(StartAnswer answer)
    {
        var process = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(process, answer.ProcessId);
        GuardianResult result = answer.Result switch
        {
            StartResult.Started => GuardianResult.Done,
            StartResult.AlreadyRunning => GuardianResult.AlreadyDone,
            StartResult.Refused => GuardianResult.Refused,
            _ => GuardianResult.Failed,
        };
        return new Reply(result, answer.Sentence, process);
    }
}
