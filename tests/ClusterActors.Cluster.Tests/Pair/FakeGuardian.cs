using System.Buffers.Binary;
using ClusterActors.Model;
using ClusterActors.Model.Guardian;
using ClusterActors.Simulation.Time;

namespace ClusterActors.Cluster.Tests.Pair;

/// <summary>What a guardian knows of its peer.</summary>
internal sealed class PeerSight
{
    public bool WasHeard { get; set; }

    public TimeSpan HeardAt { get; set; }

    public Incarnation Incarnation { get; set; }

    public Term Term { get; set; }

    public bool IsClean { get; set; }

    public bool HasLeft { get; set; }

    public bool DaemonRuns { get; set; }

    public (PeerState, Incarnation, Term, bool, bool, bool)? Told { get; set; }
}

/// <summary>
/// A guardian by the rules that matter to the daemon: terms, exclusion after virtual silence, starts refused in any other term, all
/// programs dead with it, with its supersession and with its leave.
/// </summary>
internal sealed class FakeGuardian(World world, int index) : IGuardianLink
{
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);
    private readonly Dictionary<int, PeerSight> _peers = [];
    private Action<GuardianNote>? _handler;
    private TimeSpan _startedAt;
    private uint _life;
    private Term? _promised;
    private Term? _adoptedByAll;

    public Dictionary<(string Group, string Resource), FakeProgram> Programs { get; } = [];

    public bool IsAlive { get; private set; }

    public bool HasLeft { get; private set; }

    public Incarnation Incarnation { get; private set; }

    public Term Term { get; private set; }

    public Term BaseTerm { get; private set; }

    public uint Excluded { get; private set; }

    /// <summary>Answers to raises, for tests of the retry.</summary>
    public int RaisesToRefuse { get; set; }

    public int Raises { get; private set; }

    /// <summary>When the daemon gave its signs of life.</summary>
    public List<TimeSpan> Signs { get; } = [];

    public bool FailNextTable { get; set; }

    public GrantState Grant { get; private set; }

    public bool MayStart => IsAlive && !HasLeft && Grant == GrantState.Held && _adoptedByAll == Term;

    /// <summary>A life that has begun starts nothing in the term it found on its disk.</summary>
    private bool HasPromised => _promised == Term;

    private GuardianFlags Flags => HasPromised || HasLeft ? GuardianFlags.DownAndClean : GuardianFlags.None;

    public bool DaemonRuns => _handler is not null;

    public Welcome? Welcome => IsAlive ? new(Incarnation, Term, (byte)index, Flags, Grant, true, TimeSpan.Zero, 0) : null;

    public void Start()
    {
        (IsAlive, HasLeft, _startedAt) = (true, false, world.Now);
        Incarnation = new((ulong)index + 1, ++_life);
        (_promised, _adoptedByAll, Grant) = (Term, null, GrantState.None);
        _peers.Clear();
    }

    /// <summary>Its stored state is gone.</summary>
    public void LoseTerm() => (Term, BaseTerm, Excluded) = (default, default, 0);

    /// <summary>Power loss: everything of it is gone at once.</summary>
    public void Die()
    {
        IsAlive = false;
        _handler = null;
        KillAll();
    }

    public void OnNote(Action<GuardianNote> handler) => _handler = handler;

    public void DaemonConnected() => Note(Welcome!);

    public void DaemonGone() => _handler = null;

    public void GiveSign() => Signs.Add(world.Now);

    public Task<Reply> AskAsync(GuardianRequest request, TimeSpan timeout, Action<Reply>? inOrder = null, CancellationToken cancellationToken = default)
    {
        if (!IsAlive)
            return Task.FromException<Reply>(new IOException("the guardian is gone"));
        if (request is GetTable && FailNextTable)
        {
            FailNextTable = false;
            return Task.FromException<Reply>(new TimeoutException("no table in time"));
        }

        var reply = request switch
        {
            GetTable => new Reply(GuardianResult.Done, "", Table().Encode()),
            RaiseTerm raise => Raise(raise),
            Leave => LeaveNow(),
            _ => new Reply(GuardianResult.Refused, "not known here", []),
        };
        inOrder?.Invoke(reply);
        return Task.FromResult(reply);
    }

    /// <summary>One pass of the beats: what the peer's newest says, then what has changed.</summary>
    public void Hear(int peer, FakeGuardian other)
    {
        var sight = Sight(peer);
        (sight.WasHeard, sight.HeardAt, sight.Incarnation, sight.Term) = (true, world.Now, other.Incarnation, other.Term);
        (sight.IsClean, sight.HasLeft, sight.DaemonRuns) = (other.Flags.HasFlag(GuardianFlags.DownAndClean), other.HasLeft, other.DaemonRuns);
        if (other.Term > Term)
            Adopt(peer, other);
    }

    /// <summary>The grant is given once every live server shows the term.</summary>
    public void EndPass(int peer)
    {
        var sight = Sight(peer);
        var isLive = sight is { WasHeard: true, HasLeft: false } && world.Now - sight.HeardAt < Timeout;
        if ((Grant == GrantState.Held && _adoptedByAll == Term) || HasPromised || HasLeft || (isLive && sight.Term != Term))
            return;
        (Grant, _adoptedByAll) = (GrantState.Held, Term);
        Note(new GrantChanged(Grant, Term, "groups may run in this term"));
    }

    public void TellChanges(int peer)
    {
        var sight = Sight(peer);
        var note = Peer(peer);
        var told = (note.State, note.Incarnation, note.Term, note.MayExclude, sight.DaemonRuns, sight.IsClean);
        if (sight.Told == told)
            return;
        sight.Told = told;
        Note(note);
    }

    private PeerSight Sight(int peer) => _peers.TryGetValue(peer, out var sight) ? sight : _peers[peer] = new PeerSight();

    private void Adopt(int peer, FakeGuardian other)
    {
        var (before, killed) = (Term, (ushort)Programs.Count);
        var isOut = !HasPromised && ((other.Excluded & (1u << index)) != 0 || other.BaseTerm != Term);
        if (isOut)
        {
            KillAll();
            Grant = GrantState.Ended;
            Note(new GrantChanged(Grant, Term, "a peer shows a higher term"));
        }

        (Term, BaseTerm, Excluded) = (other.Term, other.BaseTerm, other.Excluded);
        if (isOut)
            Note(new Superseded(before, Term, (byte)peer, killed, 0));
        Note(new TermChanged(before, Term, Excluded, "adopted from a peer"));
    }

    private PeerChanged Peer(int peer)
    {
        var sight = Sight(peer);
        var silent = world.Now - (sight.WasHeard ? sight.HeardAt : _startedAt);
        var state = sight.HasLeft ? PeerState.Clean
            : !sight.WasHeard ? PeerState.Unknown
            : silent >= Timeout ? PeerState.Down
            : silent >= Timeout / 2 ? PeerState.Suspected : PeerState.Up;
        return new((byte)peer, state, sight.Incarnation, sight.Term, sight.IsClean ? GuardianFlags.DownAndClean : GuardianFlags.None,
            sight.DaemonRuns ? DaemonState.Running : DaemonState.Restarting, TimeSpan.Zero, 0, silent, MayExclude(peer, false));
    }

    private bool MayExclude(int peer, bool isConfirmed)
    {
        var sight = Sight(peer);
        var silent = world.Now - (sight.WasHeard ? sight.HeardAt : _startedAt);
        return (sight.IsClean && sight.Term == Term) || (silent >= Timeout && (isConfirmed || SilenceIsEnough));
    }

    /// <summary>As the engine judges: never under fence alone, else by the policy (votes are counted when the term is raised).</summary>
    private bool SilenceIsEnough => world.Config.OnPartition == PartitionPolicy.TakeOver
        || (world.Config.OnPartition == PartitionPolicy.AskArbiters && world.Config.VotingArbiter is not null);

    /// <summary>Raises by silence that came without the vote of the store: the engine would wait for it in vain.</summary>
    public int RaisesWithoutVote { get; private set; }

    private bool LacksVote(RaiseTerm raise)
    {
        var bySilence = Enumerable.Range(0, world.Config.Servers.Count)
            .Any(i => (raise.ExcludedServers & ~raise.ConfirmedDown & (1u << i)) != 0 && !(Sight(i).IsClean && Sight(i).Term == Term));
        return world.Config.VotingArbiter is not null && bySilence && !raise.ArbiterVote;
    }

    private Reply Raise(RaiseTerm raise)
    {
        if (RaisesToRefuse > 0)
        {
            RaisesToRefuse--;
            return new(GuardianResult.Refused, "refused by the test", []);
        }

        if (raise.ExpectedTerm != Term)
            return new(GuardianResult.Refused, $"term is {Term}, not {raise.ExpectedTerm}", []);
        for (var i = 0; i < world.Config.Servers.Count; i++)
            if ((raise.ExcludedServers & (1u << i)) != 0 && !MayExclude(i, (raise.ConfirmedDown & (1u << i)) != 0))
                return new(GuardianResult.Refused, $"the vow to server {i} has not run out", []);
        foreach (var (peer, sight) in _peers)
            if ((raise.ExcludedServers & (1u << peer)) == 0 && (!sight.WasHeard || world.Now - sight.HeardAt >= Timeout || sight.Term != Term))
                return new(GuardianResult.Refused, $"server {peer} is not excluded and not in the term", []);
        if (LacksVote(raise))
        {
            RaisesWithoutVote++;
            return new(GuardianResult.Refused, "the store did not vote", []);
        }

        var before = Term;
        Raises++;
        (Term, BaseTerm, Excluded) = (new(Term.Number + 1, index), Term, raise.ExcludedServers);
        Note(new TermChanged(before, Term, Excluded, raise.Reason));
        var data = new byte[12];
        BinaryPrimitives.WriteUInt64LittleEndian(data, Term.Number);
        return new(GuardianResult.Done, "", data);
    }

    private Reply LeaveNow()
    {
        KillAll();
        (HasLeft, Grant) = (true, GrantState.Ended);
        world.LeftInOrder(index);
        return new(GuardianResult.Done, "", []);
    }

    private GuardianTable Table() => new(
        Term, Excluded, Grant, Flags,
        [.. Programs.Where(p => !world.Unlisted.Contains(p.Key.Group)).Select(p => new ProgramEntry(p.Value.Ticket, p.Value.Term, p.Key.Group, p.Key.Resource, false, 4711, TimeSpan.Zero))],
        [], [], [.. Enumerable.Range(0, world.Config.Servers.Count).Where(i => i != index).Select(Peer)], []);

    private void KillAll()
    {
        foreach (var key in Programs.Keys.ToList())
            End(key, "killed by its guardian");
    }

    public void End((string Group, string Resource) key, string sentence)
    {
        if (Programs.Remove(key, out var program))
            HereAndNow.Run(() => program.Ended.TrySetResult(sentence));
    }

    private void Note(GuardianNote note) => _handler?.Invoke(note);
}

internal sealed record FakeProgram(string Ticket, Term Term)
{
    public TaskCompletionSource<string> Ended { get; } = new();
}
