using ClusterActors.Model.Arbiters;
using ClusterActors.Simulation.Time;

namespace ClusterActors.Simulation.Machine;

/// <summary>
/// The key-value store that the site runs outside the servers, reached over a network of its own. It compares and sets as it should, until it is gone, slow, not
/// reached from one server, does what it is told while its answers are lost, is replaced by an empty one, or comes back with an older copy.
/// </summary>
internal sealed class SimVoteStore(World world)
{
    /// <summary>Copies that are kept to come back with.</summary>
    private const int MostCopies = 4096;

    private readonly Chance _chance = world.ChanceFor("vote store");
    private readonly List<Copy> _copies = [];
    private Dictionary<string, StoreEntry> _entries = [];
    private long _revision = 1;
    private int _number;

    public bool Runs { get; private set; } = true;

    public bool LosesAnswers { get; set; }

    public TimeSpan ExtraDelay { get; set; }

    /// <summary>Servers that do not reach it, each as often as it is cut.</summary>
    public List<int> CutFrom { get; } = [];

    private TimeSpan Way => _chance.Between(TimeSpan.FromMicroseconds(200), TimeSpan.FromMilliseconds(4));

    public void Clear()
    {
        Start();
        (LosesAnswers, ExtraDelay) = (false, TimeSpan.Zero);
        CutFrom.Clear();
    }

    public void Stop()
    {
        if (Runs)
            world.Note("vote store: gone");
        Runs = false;
    }

    public void Start()
    {
        if (!Runs)
            world.Note($"vote store: there, revision {_revision}");
        Runs = true;
    }

    /// <summary>Another one takes its place, which knows nothing.</summary>
    public void Replace()
    {
        _number++;
        (_entries, _revision) = ([], 1);
        _copies.Clear();
    }

    public void SetBack() => SetBackTo(_chance.Next(_copies.Count + 1));

    /// <summary>The newest copy that is not younger.</summary>
    public void SetBackTo(long time) => SetBackTo(_copies.FindLastIndex(copy => copy.At <= time));

    /// <param name="answer">Perhaps never called.</param>
    public void Ask(int from, StoreChange? change, Action<StoreAnswer> answer)
    {
        if (CutFrom.Contains(from))
            return;
        world.After(Way + ExtraDelay, () =>
        {
            StoreAnswer said = Runs ? Exchange(change) : StoreAnswer.Failed("connection refused");
            if (!LosesAnswers && !CutFrom.Contains(from))
                world.After(Way, () => answer(said));
        });
    }

    private StoreAnswer Exchange(StoreChange? change)
    {
        bool applies = change is not null && change.Compare.All(c => _entries.GetValueOrDefault(c.Key).Version == c.Value);
        if (applies)
            Apply(change!);
        return new StoreAnswer(applies, _entries, new StoreStamp($"store-{_number}", _revision), null);
    }

    // Entries that were given out never change: an answer is what was so when it was made.
    private void Apply(StoreChange change)
    {
        if (_copies.Count == MostCopies)
            _copies.RemoveRange(0, MostCopies / 2);
        _copies.Add(new Copy(world.Now, _entries, _revision));
        (_entries, _revision) = (new(_entries), _revision + 1);
        foreach ((string key, string value) in change.Put)
            _entries[key] = new StoreEntry(value, _revision);
    }

    private void SetBackTo(int copy)
    {
        if (copy < 0 || copy >= _copies.Count)
            return;
        world.Note($"vote store: set back from revision {_revision} to {_copies[copy].Revision}");
        (_, _entries, _revision) = _copies[copy];
        _copies.RemoveRange(copy, _copies.Count - copy);
    }

    /// <param name="At">When it ended to be the newest.</param>
    private readonly record struct Copy(long At, Dictionary<string, StoreEntry> Entries, long Revision);
}
