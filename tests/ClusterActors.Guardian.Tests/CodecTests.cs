using System.Net;
using System.Security.Cryptography;
using ClusterActors.Model;
using ClusterActors.Model.Guardian;
using ClusterActors.Model.Resources;

namespace ClusterActors.Guardian.Tests;

public sealed class CodecTests
{
    private const string Ticket = "t-1";

    public static TheoryData<string> FrameNames => [.. Frames.Select(f => f.Type.ToString())];

    private static VotingState Voting => new(
        VotingMode.Vows, GrantState.Held, TimeSpan.FromMilliseconds(1200), 1, true, true, true, new Term(8, 0), new Term(8, 1), VotingArbiter.Witness,
        TimeSpan.FromMilliseconds(30), Model.Voting.WitnessVerdict.OpenVow, 3);

    private static IEnumerable<GuardianFrame> Frames =>
    [
        new Hello(4711, "0.1.0"),
        new ApplySettings(TestSettings.Pair()),
        new RaiseTerm(new Term(7, 1), 0b10, 0b10, "server2 silent"),
        new AddAddress(Ticket, new Term(7, 1), "g", "fip", IPAddress.Parse("10.0.0.100"), 24, "eth0", true, true, false),
        new RemoveAddress("g", "fip"),
        new StartProgram(Ticket, new Term(7, 1), "g", "db", true, ["/bin/x", "a b"], ["A=1"], "/srv", "nobody", Containment.PidNamespace, "/var/log/x", 1 << 20),
        new SignalProgram(Ticket, 15),
        new KillContainment("g", "db"),
        new SetStopPlan([new StopStep("g", "db"), new StopStep("g", "fip")]),
        new GetTable(),
        new MakeSafe("why"),
        new Leave("stop"),
        new GetStatistics(),
        new GetIncidents(7),
        new Welcome(new Incarnation(5, 6), new Term(7, 1), 1, GuardianFlags.Unclean, GrantState.Held, true, TimeSpan.FromMilliseconds(150), 99),
        new Reply(GuardianResult.Refused, "no", [1, 2, 3]),
        new PeerChanged(1, PeerState.Suspected, new Incarnation(5, 6), new Term(7, 1), GuardianFlags.DownAndClean, DaemonState.Restarting,
            TimeSpan.FromSeconds(1), 99, TimeSpan.FromMilliseconds(1), true),
        new ChannelChanged(0, 1, 2, ChannelState.Late, TimeSpan.FromMilliseconds(1100)),
        new TermChanged(new Term(6, 0), new Term(7, 1), 0b1, "adopted"),
        new GrantChanged(GrantState.Expired, new Term(7, 1), "stall"),
        new ProgramExited(Ticket, "g", "db", -1, 9, TimeSpan.FromMinutes(2)),
        new AddressConflict("g", "fip", IPAddress.Parse("10.0.0.100"), "02:00:00:00:00:01"),
        new Superseded(new Term(6, 0), new Term(7, 1), 1, 2, 3),
        new StopRequested("SIGTERM", TimeSpan.FromSeconds(60)),
        new StallReport(TimeSpan.FromSeconds(3), true, "loop stood still"),
        new ChannelLate(1, 2, 80, LateSide.Peer, TimeSpan.FromMilliseconds(1700), TimeSpan.FromSeconds(2), "sent late"),
        new ChannelDevice(2, DeviceState.Hanging, "a write has not returned"),
        new BeatsLate(TimeSpan.FromMilliseconds(12), TimeSpan.FromMilliseconds(10), TimeSpan.FromSeconds(4711)),
        new FenceArmed("g", "fip", IPAddress.Parse("10.0.0.100"), FenceChoice.Bpf),
        new FenceMissing("g", "fip", IPAddress.Parse("10.0.0.100"), "no kernel support"),
        new AddressLost("g", "fip", IPAddress.Parse("10.0.0.100"), "interface eth1 is gone"),
        new ArbiterVow(new Term(7, 1), 123_456_789, TimeSpan.FromSeconds(2)),
        new VotingChanged(Voting, "the witness's verdict changed"),
    ];

    [Theory]
    [MemberData(nameof(FrameNames))]
    public void Frame_must_come_back_equal_when_encoded_and_decoded(string name)
    {
        GuardianFrame frame = Frames.Single(f => f.Type.ToString() == name);
        byte[] bytes = GuardianCodec.Encode(frame, 42);
        GuardianFrame back = GuardianCodec.Decode(bytes, out ulong id);
        Assert.Equal(42ul, id);
        Assert.IsType(frame.GetType(), back);
        Assert.Equal(Convert.ToHexString(bytes), Convert.ToHexString(GuardianCodec.Encode(back, 42)));
    }

    [Fact]
    public void Every_frame_type_must_be_covered_by_the_examples() =>
        Assert.Equal(Enum.GetValues<FrameType>().Order(), Frames.Select(f => f.Type).Order());

    [Theory]
    [MemberData(nameof(FrameNames))]
    public void Frame_must_be_refused_when_any_tail_is_missing(string name)
    {
        byte[] bytes = GuardianCodec.Encode(Frames.Single(f => f.Type.ToString() == name), 1);
        for (int size = 0; size < bytes.Length; size++)
        {
            byte[] cut = bytes[..size];
            Assert.Throws<GuardianFormatException>(() => GuardianCodec.Decode(cut, out _));
        }
    }

    [Fact]
    public void Raise_term_must_have_the_golden_bytes_of_version_1() =>
        Assert.Equal(
            "434701031F0000002A00000000000000" + "070000000000000001" + "02000000" + "00000000" + "0C00" + "736572766572322064656164",
            Convert.ToHexString(GuardianCodec.Encode(new RaiseTerm(new Term(7, 1), 2, 0, "server2 dead"), 42)));

    [Fact]
    public void Raise_term_with_the_vote_of_a_store_must_append_it()
    {
        byte[] without = GuardianCodec.Encode(new RaiseTerm(new Term(7, 1), 2, 0, "server2 dead"), 42);
        byte[] with = GuardianCodec.Encode(new RaiseTerm(new Term(7, 1), 2, 0, "server2 dead") { ArbiterVote = true }, 42);
        Assert.Equal(without.Length + 1, with.Length);
        Assert.True(Assert.IsType<RaiseTerm>(GuardianCodec.Decode(with, out _)).ArbiterVote);
        Assert.False(Assert.IsType<RaiseTerm>(GuardianCodec.Decode(without, out _)).ArbiterVote);
    }

    [Theory]
    [InlineData(1, "may run until +1.2 s, by vow of server2")]
    [InlineData(VotingState.ArbiterVoter, "may run until +1.2 s, by vow of third-box")]
    [InlineData(VotingState.NoVoter, "may run until +1.2 s, by hold promise of the other server")]
    public void Voting_state_must_say_whose_vow_the_grant_rests_on(byte voter, string sentence) =>
        Assert.Equal(sentence, (Voting with { Voter = voter }).Describe(TestSettings.Pair() with { ArbiterName = "third-box" }));

    [Fact]
    public void Settings_with_votes_must_come_back_equal_and_without_them_keep_version_1()
    {
        GuardianSettings settings = TestSettings.WithWitness();
        byte[] bytes = GuardianSettingsCodec.Encode(settings);
        GuardianSettings back = GuardianSettingsCodec.Decode(bytes);
        Assert.Equal(Convert.ToHexString(bytes), Convert.ToHexString(GuardianSettingsCodec.Encode(back)));
        Assert.Equal((VotingMode.Vows, VotingArbiter.Witness, "third-box", 2), (back.Voting, back.Arbiter, back.ArbiterName, back.WitnessEndpoints.Count));
        Assert.Equal(3, back.Voters);
        Assert.Equal(2, back.Majority);
        Assert.Equal(2, bytes[4]);
        Assert.Equal(1, GuardianSettingsCodec.Encode(TestSettings.Pair())[4]);
    }

    [Fact]
    public void Settings_must_be_refused_when_votes_contradict_the_policy_or_the_number_of_servers()
    {
        GuardianSettings good = TestSettings.WithWitness();
        Assert.Empty(good.Validate());
        Assert.Contains("majority", Assert.Single((good with { Voting = VotingMode.Vows, Arbiter = VotingArbiter.None, WitnessEndpoints = [] }).Validate()), StringComparison.Ordinal);
        Assert.Contains("witness addresses", Assert.Single((good with { WitnessEndpoints = [] }).Validate()), StringComparison.Ordinal);
        Assert.NotEmpty((good with { Policy = PartitionPolicy.TakeOver }).Validate());
        Assert.NotEmpty((TestSettings.Pair() with { Policy = PartitionPolicy.AskArbiters }).Validate());
        Assert.Contains("arbiter-lost-after", Assert.Single((good with { ArbiterLostAfter = TimeSpan.FromSeconds(1) }).Validate()), StringComparison.Ordinal);
        Assert.Contains("even number of servers", Assert.Single((good with { Servers = [.. good.Servers, new GuardianServer(2, "server3")] }).Validate()), StringComparison.Ordinal);
    }

    [Fact]
    public void Add_address_must_have_the_golden_bytes_of_version_1() =>
        Assert.Equal(
            "43470104250000000100000000000000" + "0300742D31" + "070000000000000001" + "010067" + "0300666970"
            + "040A000064" + "18" + "040065746830" + "01" + "01" + "00",
            Convert.ToHexString(GuardianCodec.Encode(
                new AddAddress(Ticket, new Term(7, 1), "g", "fip", IPAddress.Parse("10.0.0.100"), 24, "eth0", true, true, false), 1)));

    [Fact]
    public void Get_incidents_must_have_the_golden_bytes_of_version_1() =>
        Assert.Equal("43470110" + "08000000" + "2A00000000000000" + "0700000000000000", Convert.ToHexString(GuardianCodec.Encode(new GetIncidents(7), 42)));

    [Fact]
    public void Beats_late_must_have_the_golden_bytes_of_version_1() =>
        Assert.Equal(
            "43470152" + "18000000" + "0000000000000000" + "001BB70000000000" + "8096980000000000" + "80C3C90100000000",
            Convert.ToHexString(GuardianCodec.Encode(new BeatsLate(TimeSpan.FromMilliseconds(12), TimeSpan.FromMilliseconds(10), TimeSpan.FromMilliseconds(30)), 0)));

    [Fact]
    public void Hello_must_append_what_the_daemon_understands()
    {
        byte[] older = GuardianCodec.Encode(new Hello(1, "0.1.0"), 42);
        byte[] newer = GuardianCodec.Encode(new Hello(1, "0.1.0") { Understands = NoteEditions.Newest }, 42);
        Assert.Equal(older.Length + 1, newer.Length);
        Assert.Equal(NoteEdition.First, Assert.IsType<Hello>(GuardianCodec.Decode(older, out _)).Understands);
        Assert.Equal(NoteEditions.Newest, Assert.IsType<Hello>(GuardianCodec.Decode(newer, out _)).Understands);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Scheduling_error_must_be_a_tail_of_either_version_that_is_there_only_when_it_is_told(bool withVotes)
    {
        GuardianSettings without = withVotes ? TestSettings.WithWitness() : TestSettings.Pair();
        byte[] bytes = GuardianSettingsCodec.Encode(without with { SchedulingError = TimeSpan.FromMilliseconds(10) });
        GuardianSettings back = GuardianSettingsCodec.Decode(bytes);
        Assert.Equal((TimeSpan.FromMilliseconds(10), "", without.Arbiter), (back.SchedulingError, back.WatchdogDevice, back.Arbiter));
        Assert.Equal(withVotes ? 2 : 1, bytes[4]);
        Assert.Equal(TimeSpan.Zero, GuardianSettingsCodec.Decode(GuardianSettingsCodec.Encode(without)).SchedulingError);
        Assert.Single((without with { SchedulingError = TimeSpan.FromMilliseconds(-1) }).Validate());
    }

    [Fact]
    public void Every_frame_must_keep_its_golden_digest_of_version_1()
    {
        using var all = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (GuardianFrame frame in Frames.Where(f => f.Type is not (FrameType.ArbiterVow or FrameType.GetIncidents or FrameType.VotingChanged or FrameType.ChannelLate or FrameType.ChannelDevice)
            && (f is not GuardianNote note || NoteEditions.Of(note) == NoteEdition.First)))
            all.AppendData(GuardianCodec.Encode(frame, 42));
        Assert.Equal("1CA7807A07604728358619AD4F5A072E6E973F7B9B19826F917839849318EB90", Convert.ToHexString(all.GetHashAndReset()));
    }

    [Fact]
    public void Settings_must_come_back_equal_when_encoded_and_decoded()
    {
        byte[] bytes = GuardianSettingsCodec.Encode(TestSettings.Pair());
        GuardianSettings back = GuardianSettingsCodec.Decode(bytes);
        Assert.Equal(Convert.ToHexString(bytes), Convert.ToHexString(GuardianSettingsCodec.Encode(back)));
        Assert.Equal(TimeSpan.FromMilliseconds(1970), back.Grant);
        Assert.Equal("10.0.0.2", back.Networks[0].Peers[0].Address.ToString());
    }

    [Fact]
    public void Watchdog_must_be_a_tail_that_is_there_only_when_it_is_used()
    {
        GuardianSettings with = TestSettings.Pair() with { WatchdogDevice = "/dev/watchdog", WatchdogTimeout = TimeSpan.FromSeconds(15) };
        GuardianSettings back = GuardianSettingsCodec.Decode(GuardianSettingsCodec.Encode(with));
        Assert.Equal((with.WatchdogDevice, with.WatchdogTimeout), (back.WatchdogDevice, back.WatchdogTimeout));
        Assert.Equal("", GuardianSettingsCodec.Decode(GuardianSettingsCodec.Encode(TestSettings.Pair())).WatchdogDevice);
        string problem = Assert.Single((with with { WatchdogTimeout = with.Timeout }).Validate());
        Assert.Contains("W1", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Settings_must_be_refused_when_any_byte_is_damaged()
    {
        byte[] bytes = GuardianSettingsCodec.Encode(TestSettings.Pair());
        for (int i = 0; i < bytes.Length; i++)
        {
            byte[] damaged = [.. bytes];
            damaged[i] ^= 0x40;
            Assert.Throws<GuardianFormatException>(() => GuardianSettingsCodec.Decode(damaged));
        }
    }

    [Fact]
    public void Settings_must_name_both_sides_when_the_grant_reaches_the_timeout()
    {
        GuardianSettings wrong = TestSettings.Pair() with { Grant = TimeSpan.FromMilliseconds(1995) };
        string problem = Assert.Single(wrong.Validate());
        Assert.Contains("2005.399", problem, StringComparison.Ordinal);
        Assert.Contains("1999.6", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Settings_must_report_every_problem_at_once_when_several_are_wrong()
    {
        GuardianSettings wrong = TestSettings.Pair() with { Key = [1], OwnIndex = 9, Policy = 0, Ratio = 0 };
        Assert.True(wrong.Validate().Count >= 4);
    }

    [Fact]
    public void Table_must_come_back_equal_when_encoded_and_decoded()
    {
        var table = new GuardianTable(
            new Term(3, 1), 1, GrantState.Held, GuardianFlags.None,
            [new ProgramEntry(Ticket, new Term(3, 1), "g", "db", true, 77, TimeSpan.FromSeconds(9))],
            [new ProgramExited(Ticket, "g", "db", 3, 0, TimeSpan.Zero)],
            [new AddressEntry(Ticket, new Term(3, 1), "g", "fip", IPAddress.Parse("fd00::1"), "eth1")],
            [new PeerChanged(1, PeerState.Up, default, default, default, default, default, 1, default, false)],
            [new ChannelChanged(0, 1, 0, ChannelState.Up, default)]);
        byte[] bytes = table.Encode();
        Assert.Equal(Convert.ToHexString(bytes), Convert.ToHexString(GuardianTable.Decode(bytes).Encode()));
        Assert.Equal(77, GuardianTable.Decode(bytes).Programs[0].ProcessId);
    }
}
