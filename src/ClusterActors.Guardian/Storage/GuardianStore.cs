using ClusterActors.Heartbeats.Engine;
using ClusterActors.Linux.Files;
using ClusterActors.Linux.Time;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Guardian.Storage;

/// <summary>
/// The guardian's two files. After <see cref="Open"/> all writes come from one worker thread; reads of <see cref="State"/> from any.
/// </summary>
public sealed class GuardianStore : IDisposable
{
    private readonly TwoSlotFile _file;
    private readonly GuardianPaths _paths;
    private volatile GuardianState _state;
    private GuardianSettings? _stored;
    private bool _vowGrewInThisLife;

    private GuardianStore(GuardianPaths paths, TwoSlotFile file, GuardianState state, GuardianSettings? settings, IReadOnlyList<string> findings)
    {
        _paths = paths;
        _file = file;
        _state = state;
        Settings = settings;
        Findings = findings;
    }

    /// <summary>What is on disk.</summary>
    public GuardianState State => _state;

    /// <summary>Settings found at start, or null.</summary>
    public GuardianSettings? Settings { get; }

    /// <summary>What was wrong with the files, as sentences.</summary>
    public IReadOnlyList<string> Findings { get; }

    /// <summary>Reads both files and stores a new start counter before it returns, so no beat can go out under a used one.</summary>
    public static GuardianStore Open(GuardianPaths paths)
    {
        var findings = new List<string>();
        GuardianState? found = ReadState(paths.State, findings);
        GuardianSettings? settings = ReadSettings(paths.Settings, findings);

        // Without the file the counter goes on from the wall clock's seconds: larger than any count of starts since the file was first made.
        uint counter = found is null ? (uint)(BootClock.RealtimeNanoseconds() / 1_000_000_000) : found.StartCounter + 1;
        GuardianState state = (found ?? new GuardianState(0, default, TimeSpan.Zero) { Votes = VotingRecord.Lost }) with { StartCounter = counter };
        TwoSlotFile file = TwoSlotFile.Open(paths.State);
        file.Write(state.Encode());
        return new GuardianStore(paths, file, state, settings, findings);
    }

    /// <summary>Stores a term; returns when it is durable.</summary>
    public void StoreTerm(StoredTerm term) => Write(_state with { Term = term });

    /// <summary>
    /// Stores a start counter that a peer has seen of a later life, so that the next life is later still. The file was set back, so what else it
    /// has forgotten is unknown: the next life vouches for nothing before it has met every peer.
    /// </summary>
    public void StoreCounter(uint counter) => Write(_state with
    {
        StartCounter = Math.Max(counter, _state.StartCounter),
        Votes = _state.Votes with { HoldPromise = true, Forgetful = true },
    });

    /// <summary>Stores votes and promises; returns when they are durable.</summary>
    public void StoreVotes(VotingRecord votes) => Write(_state with { Votes = votes });

    /// <summary>Stores settings, after the longest vow they can lead to.</summary>
    public void StoreSettings(GuardianSettings settings)
    {
        TimeSpan vow = settings.Timeout * settings.Ratio;
        if (vow > _state.LargestVow)
        {
            _vowGrewInThisLife = true;
            Write(_state with { LargestVow = vow });
        }

        _stored = settings;
        DurableFile.Replace(_paths.Settings, GuardianSettingsCodec.Encode(settings));
    }

    /// <summary>
    /// To be called when <see cref="Settle"/> has passed since beating began: the vows of earlier lives have run out, so that the next
    /// start need not wait for a stretch that is long over. One given in this life stays.
    /// </summary>
    public void ForgetOldVows()
    {
        if (!_vowGrewInThisLife && (_stored ?? Settings) is { } settings && settings.Timeout * settings.Ratio < _state.LargestVow)
            Write(_state with { LargestVow = settings.Timeout * settings.Ratio });
    }

    /// <summary>V_max: how long after a start an earlier life's vow may still run.</summary>
    public TimeSpan Settle(GuardianSettings settings)
    {
        TimeSpan vow = settings.Timeout * settings.Ratio;
        return vow > _state.LargestVow ? vow : _state.LargestVow;
    }

    public void Dispose() => _file.Dispose();

    private void Write(GuardianState state)
    {
        _file.Write(state.Encode());
        _state = state;
    }

    private static GuardianState? ReadState(string path, List<string> findings)
    {
        if (!File.Exists(path))
        {
            findings.Add($"{path}: not there; the term starts at 0 and follows the peers");
            return null;
        }

        try
        {
            return GuardianState.Decode(TwoSlotFile.Read(path) ?? throw new GuardianFormatException("guardian state: neither of the two slots has a valid checksum: damaged"));
        }
        catch (GuardianFormatException e)
        {
            File.Move(path, path + ".damaged", overwrite: true);
            findings.Add($"{path}: {e.Message}; kept as {path}.damaged; the term starts at 0 and follows the peers");
            return null;
        }
    }

    private static GuardianSettings? ReadSettings(string path, List<string> findings)
    {
        if (!File.Exists(path))
            return null;
        try
        {
            return GuardianSettingsCodec.Decode(File.ReadAllBytes(path));
        }
        catch (GuardianFormatException e)
        {
            findings.Add($"{path}: {e.Message}; waiting for the node daemon to hand settings over");
            return null;
        }
    }
}
