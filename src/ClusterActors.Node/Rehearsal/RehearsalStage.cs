using ClusterActors.Model;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Node.Rehearsal;

/// <summary>What two played guardians share: one term, who is alive, and the beats between them, which always arrive.</summary>
internal sealed class RehearsalStage
{
    private readonly Lock _gate = new();
    private readonly RehearsalGuardian[] _guardians;

    public RehearsalStage() => _guardians = [new(this, 0), new(this, 1)];

    public RehearsalGuardian this[int server] => _guardians[server];

    public Term Term { get; private set; } = new(1, 0);

    public uint Excluded { get; private set; }

    /// <summary>Nothing has been started in the term that was found at the start, and nothing will be.</summary>
    public bool IsFresh { get; private set; } = true;

    public void Begin()
    {
        lock (_gate)
        {
            foreach (var guardian in _guardians)
                guardian.Greet();
            TellPeers(PeerState.Up);
        }
    }

    /// <summary>The first server is gone: silence, then the end of the vow to it.</summary>
    public void LoseFirst()
    {
        lock (_gate)
        {
            _guardians[0].End();
            _guardians[1].Tell(PeerOf(0, PeerState.Suspected));
            _guardians[1].Tell(PeerOf(0, PeerState.Down));
        }
    }

    public Reply Answer(RehearsalGuardian guardian, GuardianRequest request)
    {
        lock (_gate)
            return request is RaiseTerm raise ? Raise(guardian, raise) : guardian.Carry(request);
    }

    public IReadOnlyList<PeerChanged> PeersOf(byte server) =>
        [PeerOf((byte)(1 - server), _guardians[1 - server].IsAlive ? PeerState.Up : PeerState.Down)];

    private Reply Raise(RehearsalGuardian guardian, RaiseTerm raise)
    {
        if (raise.ExpectedTerm != Term)
            return new(GuardianResult.Refused, $"the term is {Term}", []);
        var before = Term;
        (Term, Excluded, IsFresh) = (new(Term.Number + 1, guardian.Index), raise.ExcludedServers, false);
        foreach (var living in _guardians.Where(g => g.IsAlive))
            living.Tell(new TermChanged(before, Term, Excluded, raise.Reason));
        TellPeers(PeerState.Up);
        foreach (var living in _guardians.Where(g => g.IsAlive))
            living.Tell(new GrantChanged(GrantState.Held, Term, "groups may run in this term"));
        return new(GuardianResult.Done, "", [.. BitConverter.GetBytes(Term.Number), .. new byte[sizeof(int)]]);
    }

    private void TellPeers(PeerState state)
    {
        foreach (var guardian in _guardians.Where(g => g.IsAlive && _guardians[1 - g.Index].IsAlive))
            guardian.Tell(PeerOf((byte)(1 - guardian.Index), state));
    }

    private PeerChanged PeerOf(byte server, PeerState state) => new(
        server, state, _guardians[server].Incarnation, Term, IsFresh ? GuardianFlags.DownAndClean : GuardianFlags.None, DaemonState.Running,
        TimeSpan.Zero, 0, TimeSpan.Zero, MayExclude: IsFresh || state == PeerState.Down);
}
