using ClusterActors.Heartbeats.Engine;
using ClusterActors.Model;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Heartbeats.Tests;

/// <summary>Where the grant rests on vows: timeouts that are stretched and shortened while one side changes first (clptoratio).</summary>
public sealed class VowLengthTests
{
    [Theory]
    [InlineData(3, false)]
    [InlineData(3, true)]
    [InlineData(2, false)]
    [InlineData(2, true)]
    public void Taker_must_wait_for_the_longest_grant_when_the_owner_is_cut_off_at_any_step_of_lowering(int servers, bool ownerFirst)
    {
        for (long cutAfter = 0; cutAfter <= 1600; cutAfter += 57)
        {
            using EngineLab lab = EngineLab.Voting(servers).Formed();
            Stretch(lab, 5, [.. Enumerable.Range(0, servers)]);
            lab.Run(1000);
            int[] others = [.. Enumerable.Range(1, servers - 1)];
            Stretch(lab, 1, ownerFirst ? [0] : others);
            lab.Run(Math.Min(cutAfter, 450));
            Stretch(lab, 1, ownerFirst ? others : [0]);
            lab.Run(Math.Max(0, cutAfter - 450));
            lab.CutBetween([0], [.. others, EngineLab.WitnessNode]);
            UntilTaken(lab, $"cut {cutAfter} ms after the change");
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Relying_server_must_count_its_grant_by_what_its_peer_told_and_not_by_its_own_ratio(bool raised)
    {
        using EngineLab lab = EngineLab.Voting().Formed();
        lab.Run(2000);
        if (!raised)
            Stretch(lab, 10, [0, 1]);
        lab.Witness!.Stop();
        lab.Run(14_000);
        Assert.True(lab[0].Engine.Relying);

        // Server 1 alone had the longer timeout for a while; the promises are lifted, and it is cut off.
        Stretch(lab, raised ? 10 : 1, raised ? [0] : [1]);
        lab.Run(1000);
        Stretch(lab, 1, [0]);
        lab.Witness.Start(lab.Now, continuous: true);
        for (int i = 0; i < 4000 && lab[1].Engine.HoldPromise; i++)
            lab.Run(10);
        Assert.False(lab[1].Engine.HoldPromise);
        lab.CutBetween([0], [1, EngineLab.WitnessNode]);
        UntilTaken(lab, "promise lifted");
    }

    private static void Stretch(EngineLab lab, int ratio, int[] servers)
    {
        foreach (int server in servers)
        {
            GuardianSettings settings = lab[server].Settings with { Ratio = ratio };
            lab[server].Settings = settings;
            lab[server].Engine.Apply(settings);
        }
    }

    /// <summary>Server 2 takes over as soon as it may; server 1 must not hold its grant then.</summary>
    private static void UntilTaken(EngineLab lab, string when)
    {
        Term before = lab[1].Engine.Term;
        for (int tries = 0; tries < 6_000; tries++)
        {
            lab.Run(10);
            if (lab[1].Engine.Term > before)
            {
                long left = lab[0].Engine.GrantDeadline - lab.Now;
                Assert.True(lab[0].Engine.Grant != GrantState.Held, $"{when}: taken over {left / EngineLab.Ms} ms before the old grant ends");
                return;
            }

            if (lab[1].Engine.CandidateTerm == Term.Zero)
                lab[1].Raise(0b1);
        }

        Assert.Fail($"{when}: never taken over: {lab[1].LastRefusal}");
    }
}
