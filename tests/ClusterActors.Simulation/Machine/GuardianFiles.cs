using ClusterActors.Guardian.Control;
using ClusterActors.Guardian.Storage;
using ClusterActors.Heartbeats.Engine;
using ClusterActors.Model.Guardian;
using ClusterActors.Simulation.Time;

namespace ClusterActors.Simulation.Machine;

/// <summary>What the disk of a machine does wrong.</summary>
internal sealed class DiskTroubles
{
    public bool IsFull { get; set; }

    public TimeSpan ExtraDelay { get; set; }

    public void Clear() => (IsFull, ExtraDelay) = (false, TimeSpan.Zero);
}

/// <summary>
/// <c>guardian.state</c> and <c>guardian.bin</c> of a machine. A store that was under way when the power went is lost or there, by chance.
/// </summary>
internal sealed class GuardianFiles(World world, SimMachine machine)
{
    private readonly Chance _chance = world.ChanceFor($"guardian files {machine.Index}");
    private readonly List<byte[]> _older = [];
    private readonly Queue<Action> _underWay = new();
    private byte[]? _state;
    private byte[]? _settings;

    /// <summary>A copy of an older day, or nothing, was put back: terms may go back.</summary>
    public bool WasSetBack { get; set; }

    public void Damage()
    {
        _state = null;
        WasSetBack = true;
    }

    public void RollBack()
    {
        if (_older.Count == 0)
            return;
        _state = _older[_chance.Next(_older.Count)];
        WasSetBack = true;
    }

    /// <summary>Opens them for a new life, whose counter is durable when this returns.</summary>
    public SimGuardianDisk Open(SimProcess guardian)
    {
        var findings = new List<string>();
        GuardianState? found = _state is null ? null : GuardianState.Decode(_state);
        if (found is null)
            findings.Add("guardian.state: not there; the term starts at 0 and follows the peers");
        uint counter = found is null ? (uint)(machine.Clock.Wall / 1_000_000_000) : found.StartCounter + 1;
        GuardianState state = (found ?? new GuardianState(0, default, TimeSpan.Zero) { Votes = VotingRecord.Lost }) with { StartCounter = counter };
        Keep(state);
        return new SimGuardianDisk(this, guardian, state, _settings is null ? null : GuardianSettingsCodec.Decode(_settings), findings);
    }

    public void PowerLost()
    {
        while (_underWay.TryDequeue(out Action? write) && _chance.Happens(0.5))
            write();
        _underWay.Clear();
    }

    internal void Keep(GuardianState state)
    {
        if (_state is not null)
            _older.Add(_state);
        if (_older.Count > 32)
            _older.RemoveAt(0);
        _state = state.Encode();
    }

    internal void Keep(GuardianSettings settings) => _settings = GuardianSettingsCodec.Encode(settings);

    /// <summary>Writes after the disk's time, in order.</summary>
    internal void Write(SimProcess guardian, Action write, Action<string?> done)
    {
        _underWay.Enqueue(write);
        TimeSpan takes = TimeSpan.FromMicroseconds(_chance.Between(100, 3000)) + machine.DiskTroubles.ExtraDelay;
        bool full = machine.DiskTroubles.IsFull;
        guardian.PostAfter(takes, () =>
        {
            if (_underWay.TryDequeue(out Action? first) && !full)
                first();
            done(full ? "guardian.state: no space left on device" : null);
        });
    }

    internal void ProcessEnded() => _underWay.Clear();
}

/// <summary>The files as one life of the guardian uses them.</summary>
internal sealed class SimGuardianDisk(
    GuardianFiles files, SimProcess guardian, GuardianState state, GuardianSettings? settings, IReadOnlyList<string> findings) : IGuardianDisk
{
    private GuardianState _last = state;
    private GuardianSettings? _stored;
    private bool _vowGrewInThisLife;

    public GuardianState State { get; private set; } = state;

    public GuardianSettings? Settings => settings;

    public IReadOnlyList<string> Findings => findings;

    public TimeSpan Settle(GuardianSettings settings)
    {
        TimeSpan vow = settings.Timeout * settings.Ratio;
        return vow > State.LargestVow ? vow : State.LargestVow;
    }

    public void StoreTerm(StoredTerm term, Action<string?> done) => Store(s => s with { Term = term }, done);

    public void StoreCounter(uint counter, Action<string?> done) => Store(s => s with
    {
        StartCounter = Math.Max(counter, s.StartCounter),
        Votes = s.Votes with { HoldPromise = true, Forgetful = true },
    }, done);

    public void StoreVotes(VotingRecord votes, Action<string?> done) => Store(s => s with { Votes = votes }, done);

    public void ForgetOldVows(Action<string?> done)
    {
        if (_vowGrewInThisLife || (_stored ?? settings) is not { } known || known.Timeout * known.Ratio >= _last.LargestVow)
        {
            done(null);
            return;
        }

        Store(s => s with { LargestVow = known.Timeout * known.Ratio }, done);
    }

    public void StoreSettings(GuardianSettings settings, Action<string?> done)
    {
        TimeSpan vow = settings.Timeout * settings.Ratio;
        _vowGrewInThisLife |= vow > _last.LargestVow;
        _stored = settings;
        Store(s => vow > s.LargestVow ? s with { LargestVow = vow } : s, failure =>
        {
            if (failure is null)
                files.Keep(settings);
            done(failure);
        });
    }

    private void Store(Func<GuardianState, GuardianState> change, Action<string?> done)
    {
        GuardianState? written = null;
        files.Write(guardian, () =>
        {
            written = _last = change(_last);
            files.Keep(written);
        }, failure =>
        {
            if (written is not null)
                State = written;
            done(failure);
        });
    }
}
