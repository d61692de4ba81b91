using ClusterActors.Model;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Node.Rehearsal;

/// <summary>
/// A guardian that holds nothing: it says yes and remembers. Requests, answers and notes are written and read as frames, as on the real socket.
/// </summary>
internal sealed class RehearsalGuardian(RehearsalStage stage, byte index) : IGuardianLink
{
    private const int ProcessId = 1;
    private readonly Dictionary<(string Group, string Resource), ProgramEntry> _programs = [];
    private readonly Dictionary<(string Group, string Resource), AddressEntry> _addresses = [];
    private Action<GuardianNote> _handler = static _ => { };
    private TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public byte Index => index;

    public bool IsAlive { get; private set; } = true;

    public Incarnation Incarnation { get; } = new(index + 1u, 1);

    public Welcome Welcome => new(
        Incarnation, stage.Term, index, stage.IsFresh ? GuardianFlags.DownAndClean : GuardianFlags.None, GrantState.None, true, TimeSpan.Zero, 0);

    /// <summary>Completes when the next program is started here.</summary>
    public Task NextStart() => (_started = new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    public void OnNote(Action<GuardianNote> handler) => _handler = handler;

    public void Greet() => Tell(Welcome);

    public void End() => IsAlive = false;

    public void Tell(GuardianNote note) => _handler((GuardianNote)Passed(note));

    public void Pong(ulong sequence)
    {
    }

    public Task<Reply> AskAsync(GuardianRequest request, TimeSpan timeout, Action<Reply>? inOrder = null, CancellationToken cancellationToken = default)
    {
        if (!IsAlive)
            return Task.FromException<Reply>(new IOException("the guardian is gone"));
        var reply = (Reply)Passed(stage.Answer(this, (GuardianRequest)Passed(request)));
        inOrder?.Invoke(reply);
        return Task.FromResult(reply);
    }

    /// <summary>Everything but the term, which is the stage's.</summary>
    public Reply Carry(GuardianRequest request)
    {
        switch (request)
        {
            case GetTable:
                return Done(Table().Encode());
            case AddAddress add:
                _addresses[(add.Group, add.Resource)] = new(add.Ticket, add.Term, add.Group, add.Resource, add.Address, "eth0");
                break;
            case RemoveAddress remove:
                _addresses.Remove((remove.Group, remove.Resource));
                break;
            case StartProgram start:
                _programs[(start.Group, start.Resource)] = new(start.Ticket, start.Term, start.Group, start.Resource, false, ProcessId, TimeSpan.Zero);
                _started.TrySetResult();
                return Done(BitConverter.GetBytes(ProcessId));
            case SignalProgram signal:
                foreach (var (key, program) in _programs.Where(p => p.Value.Ticket == signal.Ticket).ToList())
                    End(key, program);
                break;
            case KillContainment kill when _programs.TryGetValue((kill.Group, kill.Resource), out var left):
                End((kill.Group, kill.Resource), left);
                break;
        }

        return Done([]);
    }

    private static Reply Done(byte[] data) => new(GuardianResult.Done, "", data);

    private static GuardianFrame Passed(GuardianFrame frame) => GuardianCodec.Decode(GuardianCodec.Encode(frame, 1), out _);

    private GuardianTable Table() => new(
        stage.Term, stage.Excluded, GrantState.None, Welcome.Flags, [.. _programs.Values], [], [.. _addresses.Values], stage.PeersOf(index), []);

    private void End((string Group, string Resource) key, ProgramEntry program)
    {
        _programs.Remove(key);
        Tell(new ProgramExited(program.Ticket, key.Group, key.Resource, -1, 15, TimeSpan.Zero));
    }
}
