using ClusterActors.Guardian.Storage;
using ClusterActors.Heartbeats.Engine;
using ClusterActors.Linux.Files;
using ClusterActors.Model;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Guardian.Tests.Storage;

public sealed class GuardianStoreTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("clp-store-").FullName;

    private GuardianPaths Paths => new(_root, "test");

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void State_must_have_the_golden_bytes_of_version_1() =>
        Assert.Equal(
            "434C5054" + "0100" + "2200" + "07000000" + "050000000000000001" + "040000000000000000" + "01000000" + "0094357700000000",
            Convert.ToHexString(new GuardianState(7, new StoredTerm(new Term(5, 1), new Term(4, 0), 1), TimeSpan.FromSeconds(2)).Encode()[..^32]));

    [Fact]
    public void Votes_and_promises_must_survive_and_a_lost_file_must_count_as_a_promise()
    {
        Paths.CreateFolders();
        var vote = new Vote(new Term(9, 1), 0b101, new Incarnation(3, 4), 77);
        using (GuardianStore store = GuardianStore.Open(Paths))
        {
            Assert.True(store.State.Votes.Forgetful);
            Assert.True(store.State.Votes.HoldPromise);
            store.StoreVotes(new VotingRecord([vote], true, false, new Guid(1, 2, 3, new byte[8]), 12));
            store.StoreTerm(new StoredTerm(new Term(8, 0), new Term(7, 0), 0));
        }

        using GuardianStore after = GuardianStore.Open(Paths);
        Assert.Equal(vote, Assert.Single(after.State.Votes.Votes));
        Assert.Equal((true, false, new Guid(1, 2, 3, new byte[8]), 12ul), (after.State.Votes.HoldPromise, after.State.Votes.Forgetful, after.State.Votes.WitnessStore, after.State.Votes.WitnessEpoch));
        Assert.Equal(new Term(8, 0), after.State.Term.Term);
        after.StoreCounter(after.State.StartCounter + 1);
        Assert.True(after.State.Votes.Forgetful);
        Assert.Equal(vote, Assert.Single(after.State.Votes.Votes));
    }

    [Fact]
    public void State_of_a_release_without_votes_must_be_read_as_without_promises()
    {
        var state = new GuardianState(7, new StoredTerm(new Term(5, 1), new Term(4, 0), 1), TimeSpan.FromSeconds(2));
        Assert.Equal(1, state.Encode()[4]);
        Assert.Equal(VotingRecord.Empty.HoldPromise, GuardianState.Decode(state.Encode()).Votes.HoldPromise);
        var full = state with { Votes = new VotingRecord([.. Enumerable.Range(0, 32).Select(i => new Vote(new Term(9, i), 1, new Incarnation(1, 1), 1))], true, true, Guid.NewGuid(), 1) };
        Assert.Equal(32, GuardianState.Decode(full.Encode()).Votes.Votes.Count);
    }

    [Fact]
    public void Start_counter_must_grow_with_every_open_and_be_on_disk_before_it_is_used()
    {
        Paths.CreateFolders();
        using GuardianStore first = GuardianStore.Open(Paths);
        using GuardianStore second = GuardianStore.Open(Paths);
        Assert.Equal(first.State.StartCounter + 1, second.State.StartCounter);
        Assert.Equal(second.State.StartCounter, GuardianState.Decode(TwoSlotFile.Read(Paths.State)).StartCounter);
    }

    [Fact]
    public void Start_counter_must_be_later_than_any_count_when_the_file_was_lost()
    {
        Paths.CreateFolders();
        GuardianStore first = GuardianStore.Open(Paths);
        first.StoreCounter(first.State.StartCounter + 100);
        File.Delete(Paths.State);
        GuardianStore second = GuardianStore.Open(Paths);
        Assert.True(second.State.StartCounter > 1_700_000_000);
        Assert.NotEmpty(second.Findings);
    }

    [Fact]
    public void Term_must_survive_and_its_damage_must_be_said()
    {
        Paths.CreateFolders();
        GuardianStore store = GuardianStore.Open(Paths);
        store.StoreTerm(new StoredTerm(new Term(9, 1), new Term(8, 0), 1));
        Assert.Equal(new Term(9, 1), GuardianStore.Open(Paths).State.Term.Term);
        byte[] bytes = TwoSlotFile.Read(Paths.State)!;
        for (int i = 0; i < bytes.Length; i++)
        {
            byte[] damaged = [.. bytes];
            damaged[i] ^= 1;
            Assert.Throws<GuardianFormatException>(() => GuardianState.Decode(damaged));
        }

        byte[] file = File.ReadAllBytes(Paths.State);
        file[20] ^= 1;
        file[4096 + 20] ^= 1;
        File.WriteAllBytes(Paths.State, file);
        GuardianStore after = GuardianStore.Open(Paths);
        Assert.Equal(default, after.State.Term.Term);
        Assert.Contains(after.Findings, f => f.Contains("checksum", StringComparison.Ordinal));
        Assert.True(File.Exists(Paths.State + ".damaged"));
    }

    [Fact]
    public void Start_wait_must_cover_the_longest_vow_ever_stored()
    {
        Paths.CreateFolders();
        GuardianStore store = GuardianStore.Open(Paths);
        store.StoreSettings(TestSettings.Pair() with { Ratio = 10 });
        store.StoreSettings(TestSettings.Pair());
        GuardianStore next = GuardianStore.Open(Paths);
        Assert.Equal(TimeSpan.FromSeconds(20), next.Settle(next.Settings!));
        store.ForgetOldVows();
        Assert.Equal(TimeSpan.FromSeconds(20), store.Settle(store.Settings ?? TestSettings.Pair()));
        next.ForgetOldVows();
        GuardianStore afterwards = GuardianStore.Open(Paths);
        Assert.Equal(TimeSpan.FromSeconds(2), afterwards.Settle(afterwards.Settings!));
    }

    [Fact]
    public void Damaged_settings_must_be_refused_whole_and_said()
    {
        Paths.CreateFolders();
        GuardianStore.Open(Paths).StoreSettings(TestSettings.Pair());
        byte[] bytes = File.ReadAllBytes(Paths.Settings);
        File.WriteAllBytes(Paths.Settings, bytes[..^1]);
        GuardianStore next = GuardianStore.Open(Paths);
        Assert.Null(next.Settings);
        Assert.Contains(next.Findings, f => f.Contains("guardian.bin", StringComparison.Ordinal));
    }

    [Fact]
    public void Record_before_must_be_in_force_when_a_write_was_torn_anywhere()
    {
        Paths.CreateFolders();
        string path = Paths.State;
        using (TwoSlotFile file = TwoSlotFile.Open(path))
        {
            file.Write([1, 2, 3]);
            byte[] before = File.ReadAllBytes(path);
            file.Write([4, 5, 6, 7]);
            byte[] after = File.ReadAllBytes(path);
            int[] changed = [.. Enumerable.Range(0, after.Length).Where(i => before[i] != after[i])];
            for (int written = 0; written < changed.Length; written++)
            {
                byte[] torn = [.. before];
                foreach (int at in changed[..written])
                    torn[at] = after[at];
                File.WriteAllBytes(path + ".torn", torn);
                Assert.Equal([1, 2, 3], TwoSlotFile.Read(path + ".torn"));
            }
        }

        using TwoSlotFile again = TwoSlotFile.Open(path);
        Assert.Equal([4, 5, 6, 7], TwoSlotFile.Read(path));
        again.Write([8]);
        Assert.Equal([8], TwoSlotFile.Read(path));
    }
}
