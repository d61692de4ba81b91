using System.Diagnostics;
using ClusterActors.Model;
using ClusterActors.Simulation.Faults;
using ClusterActors.Simulation.Running;

namespace ClusterActors.Simulation.Tests;

/// <summary>Each fault alone, and a test of its own for each seed that ever failed.</summary>
public sealed class SeedTests
{
    private static readonly SimulationOptions Pair = SimulationOptions.Default;

    /// <summary>With the faults that there were when the seeds below were found: another list gives other courses.</summary>
    private static readonly SimulationOptions Before = Pair with { Faults = FaultKinds.UpTo(1) };

    private static readonly SimulationOptions Three = Pair with { Nodes = 3, Faults = FaultKinds.UpTo(2) };

    public static TheoryData<string> Faults() => new(FaultKinds.All.Where(k => k.Open is null).Select(k => k.Name));

    [Theory]
    [MemberData(nameof(Faults))]
    public void Each_fault_alone_must_be_survived(string fault)
    {
        FaultKind kind = FaultKinds.Find(fault);
        SimulationOptions options = Pair with
        {
            Nodes = kind.LeastNodes,
            Minutes = 3,
            Faults = [fault],
            FaultEvery = TimeSpan.FromSeconds(15),
            Policy = kind.OfWitness || kind.OfFence || kind.OfStore ? PartitionPolicy.AskArbiters : PartitionPolicy.Hold,
            Arbiter = kind.OfFence ? SimArbiter.Fence : kind.OfStore ? SimArbiter.Store : SimArbiter.Witness,
        };
        RunResult result = SimulationRun.Run(options, 60_000);
        Assert.Null(result.Failure);
        Assert.NotEmpty(result.Faults);
    }

    /// <summary>As the ends of a chain miss each other, a server between them decides: an end stops a group for it.</summary>
    [Theory]
    [InlineData(PartitionPolicy.TakeOver, 3)]
    [InlineData(PartitionPolicy.AskArbiters, 3)]
    [InlineData(PartitionPolicy.AskArbiters, 5)]
    public void Group_must_be_moved_from_an_end_of_a_chain_of_servers(PartitionPolicy policy, int nodes) =>
        Holds(Pair with { Nodes = nodes, Minutes = 3, Faults = ["chain"], FaultEvery = TimeSpan.FromSeconds(40), Policy = policy }, 61_000);

    [Fact]
    public void Same_seed_must_take_the_same_course_each_time()
    {
        RunResult first = SimulationRun.Run(Pair, 7);
        RunResult second = SimulationRun.Run(Pair, 7);
        RunResult other = SimulationRun.Run(Pair, 8);
        Assert.Equal((first.Digest, first.Steps), (second.Digest, second.Steps));
        Assert.NotEqual(first.Digest, other.Digest);
    }

    /// <summary>
    /// Hash codes of strings are drawn anew by each process: nothing may depend on them. Nor on the thread pool, as in the third one: what waited for a cancelled watch
    /// went on there.
    /// </summary>
    [Theory]
    [InlineData("--nodes 2 --seed 7 --minutes 4")]
    [InlineData("--nodes 3 --seed 31 --policy ask-arbiters --minutes 4")]
    [InlineData("--profile slow --seed 50001 --minutes 300")]
    public async Task Same_seed_must_take_the_same_course_in_every_process(string options)
    {
        string[] digests = await Task.WhenAll(DigestOf(options), DigestOf(options));
        Assert.Contains("digest ", digests[0], StringComparison.Ordinal);
        Assert.Equal(digests[0], digests[1]);
    }

    private static async Task<string> DigestOf(string options)
    {
        using Process process = Process.Start(new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "clpsim"), options) { RedirectStandardOutput = true })!;
        string output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        string last = output.Split('\n').Last(l => l.StartsWith("seed ", StringComparison.Ordinal));
        return string.Join(' ', last.Split(", ").Where(p => p.Contains("steps", StringComparison.Ordinal) || p.StartsWith("digest", StringComparison.Ordinal)));
    }

    /// <summary>The daemon connected before start-up cleaning was over and took its server for unclean for ever.</summary>
    [Fact]
    public void Seed_1051_under_hold_daemon_before_the_end_of_cleaning() => Holds(Before with { Policy = PartitionPolicy.Hold }, 1051);

    /// <summary>A lease could not be renewed; the program went on while the daemon counted it as ended, and the peer started it.</summary>
    [Fact]
    public void Seed_2_with_the_slow_profile_lost_lease_beside_a_living_guardian() => Holds(Before with { Profile = SimProfile.Slow, Minutes = 100 }, 2);

    /// <summary>A slow disk kept a start unseen on the server that had accepted it; meanwhile the other one got the group.</summary>
    [Fact]
    public void Seed_1073781835_with_the_fast_profile_accepted_start_on_a_slow_disk() => Holds(Before with { Profile = SimProfile.Fast }, 1_073_781_835);

    /// <summary>A peer's term was adopted, and gave a grant, while this server was being made safe: the guardian died of it.</summary>
    [Fact]
    public void Seed_9_with_stalls_grant_while_being_made_safe() =>
        Holds(Pair with { Faults = ["stall", "freeze"], FaultEvery = TimeSpan.FromSeconds(5) }, 9);

    /// <summary>An order and its report were late on a lossy link; meanwhile the other server got the group as well.</summary>
    [Fact]
    public void Seed_1024_under_hold_start_under_way_unseen() => Holds(Before with { Policy = PartitionPolicy.Hold }, 1024);

    /// <summary>The grant of a raised term was known before the term: a takeover was decided in the old one, with the stamp of the owner's own record.</summary>
    [Fact]
    public void Seed_227_with_many_faults_grant_known_before_its_term() => Holds(
        Pair with
        {
            Minutes = 6,
            Faults = ["partition", "one-way", "freeze", "move", "daemon-crash", "delay", "leave", "power-loss"],
            FaultEvery = TimeSpan.FromSeconds(4),
        },
        227);

    /// <summary>Every guardian had lost its terms: orders were older than the records they were about, and were refused for ever.</summary>
    [Fact]
    public void Seed_30005_under_take_over_records_of_a_later_term() => Holds(Before, 30_005);

    /// <summary>Answers of the beat loop came behind notes that were newer, so that a daemon took an old state of its peer for the newest.</summary>
    [Fact]
    public void Seed_10005_under_hold_answers_and_notes_in_order() => Holds(Before with { Policy = PartitionPolicy.Hold }, 10_005);

    /// <summary>A term that voids came while a harmless one was on its way to the disk: it was taken for that, the address stayed and answered again.</summary>
    [Fact]
    public void Seed_1_of_three_under_take_over_term_that_voids_behind_a_harmless_one() => Holds(Three, 1);

    /// <summary>A server that came back took one it had not heard for out, which had been excluded by the term, had adopted it since and ran a group.</summary>
    [Fact]
    public void Seed_26_of_three_under_take_over_excluded_server_that_was_back() => Holds(Three, 26);

    /// <summary>A server that came back into a term raised before its life took a group over from one it had never heard, and named nothing as the cause.</summary>
    [Fact]
    public void Seed_730059_of_three_under_take_over_takeover_from_a_server_never_heard() => Holds(Three with { FaultEvery = TimeSpan.FromSeconds(5) }, 730_059);

    /// <summary>An order without a cause, a failback to the coordinator's own server, waited for a slow disk; its stop was judged by the order that came next.</summary>
    [Fact]
    public void Seed_800044_of_three_under_take_over_stop_that_a_second_order_found_under_way() => Holds(Three with { FaultEvery = TimeSpan.FromSeconds(5) }, 800_044);

    /// <summary>A report held up on a slow link showed a loser with what it had before it won: the winner, by the words of a server that did not know of its term yet.</summary>
    [Fact]
    public void Seed_92297_under_take_over_words_about_the_past_of_the_winner() => Holds(Pair with { Faults = FaultKinds.UpTo(5) }, 92_297);

    /// <summary>A full disk kept one guardian at a shorter timeout than the other's, whose right to run groups then outlasted it.</summary>
    [Fact]
    public void Seed_5051_under_take_over_settings_that_were_not_taken() => Holds(Pair with { Faults = FaultKinds.UpTo(2) }, 5051);

    /// <summary>A longer timeout had reached one server only, which counted on it; the next life of another knew of no difference and took over after the shorter.</summary>
    [Fact]
    public void Seed_730049_of_three_under_take_over_longer_timeout_on_one_server() => Holds(Three with { FaultEvery = TimeSpan.FromSeconds(5) }, 730_049);

    /// <summary>As seed 2016, but silence had lasted for a timeout: the maker of the term counted a server as out that it had not heard in this life, and that ran everything.</summary>
    [Fact]
    public void Seed_800066_of_three_under_take_over_silence_of_one_never_heard() => Holds(Three with { FaultEvery = TimeSpan.FromSeconds(5) }, 800_066);

    /// <summary>The answers of one server were lost, its new record came by way of the third: the coordinator took its old report for later and started the group elsewhere.</summary>
    [Theory]
    [InlineData(802_193)]
    [InlineData(802_449)]
    public void Seeds_of_three_by_majority_record_of_a_start_that_came_round_about(int seed) =>
        Holds(Three with { FaultEvery = TimeSpan.FromSeconds(5), Policy = PartitionPolicy.AskArbiters }, (ulong)seed);

    /// <summary>A takeover's record was not stored yet when the servers met again: the one that ended by its term was taken for the winner, the taker stopped.</summary>
    [Fact]
    public void Seed_1254_of_three_survivor_whose_start_is_not_stored_yet() => Holds(
        Three with
        {
            Minutes = 1,
            Networks = 1,
            Profile = SimProfile.Fast,
            FaultEvery = TimeSpan.FromSeconds(4),
            Faults = ["check-lies", "found-active", "network-cut", "partition", "reaper-late", "slow-disk"],
        },
        1254);

    /// <summary>A group's actor that was made anew, after its journal could not be written, went by the guardian's table of the last greeting and started what had been moved away.</summary>
    [Theory]
    [InlineData(3, PartitionPolicy.AskArbiters, 1)]
    [InlineData(2, PartitionPolicy.TakeOver, 5)]
    public void Seeds_of_a_table_that_was_out_of_date(int servers, PartitionPolicy policy, int seed) => Holds(
        Pair with { Nodes = servers, Policy = policy, FaultEvery = TimeSpan.FromSeconds(3), Faults = ["daemon-crash", "move", "full-disk", "program-crash"] }, (ulong)seed);

    /// <summary>A pair takes over by the witness's vote: without an arbiter in the configuration it waited for a fence, and no rule of votes was tried.</summary>
    [Fact]
    public void Pair_with_a_witness_must_take_over_from_a_server_without_power()
    {
        RunResult result = SimulationRun.Run(
            Pair with { Policy = PartitionPolicy.AskArbiters, Minutes = 1 }, 3,
            [new Fault(TimeSpan.FromSeconds(5), "power-loss", 1, 0, 0, TimeSpan.FromSeconds(30), 0.5)], withTimeline: true);
        Assert.Null(result.Failure);
        Assert.Contains(result.Timeline, line => line.Contains("raised here, excluded server2", StringComparison.Ordinal));
        Assert.Contains(result.Timeline, line => line.Contains("server1: g2.data runs", StringComparison.Ordinal));
    }

    /// <summary>Wishes go the product's way, from the coordinator to the keepers of all servers and to their guardians.</summary>
    [Fact]
    public void Wishes_of_an_administrator_must_be_obeyed_by_every_server()
    {
        RunResult result = SimulationRun.Run(
            Pair with { Policy = PartitionPolicy.Hold, Minutes = 2 }, 3,
            [
                new Fault(TimeSpan.FromSeconds(5), "standby", 0, 1, 0, TimeSpan.FromSeconds(20), 0.5),
                new Fault(TimeSpan.FromSeconds(40), "to-ratio", 0, 1, 0, TimeSpan.FromSeconds(20), 0.5),
            ], withTimeline: true);
        Assert.Null(result.Failure);
        Assert.Contains(result.Timeline, line => line.Contains("server2: g1.app runs", StringComparison.Ordinal));
        Assert.All(["server1", "server2"], server =>
        {
            Assert.Contains(result.Timeline, line => line.Contains($"{server}: wished timeouts times 3", StringComparison.Ordinal));
            Assert.Contains(result.Timeline, line => line.Contains($"{server}: wished timeouts times 1", StringComparison.Ordinal));
        });
    }

    [Fact]
    public void Pair_with_a_fence_must_take_over_from_a_server_without_power()
    {
        RunResult result = SimulationRun.Run(
            Pair with { Policy = PartitionPolicy.AskArbiters, Arbiter = SimArbiter.Fence, Minutes = 1 }, 3,
            [new Fault(TimeSpan.FromSeconds(5), "power-loss", 1, 0, 0, TimeSpan.FromSeconds(30), 0.5)], withTimeline: true);
        Assert.Null(result.Failure);
        Assert.Contains(result.Timeline, line => line.Contains("server1: asks for server2 to be switched off", StringComparison.Ordinal));
        Assert.Contains(result.Timeline, line => line.Contains("server1: g2.data runs", StringComparison.Ordinal));
    }

    private static void Holds(SimulationOptions options, ulong seed) => Assert.Null(SimulationRun.Run(options, seed).Failure);
}
