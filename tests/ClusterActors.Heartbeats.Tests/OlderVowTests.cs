using ClusterActors.Heartbeats.Engine;
using ClusterActors.Model;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Heartbeats.Tests;

/// <summary>Two terms raised from one base, where both exclude by proof: a voter that goes from one to the other lets its older vows run out first.</summary>
public sealed class OlderVowTests
{
    private const long Ms = EngineLab.Ms;

    [Theory]
    [InlineData(3, false)]
    [InlineData(3, true)]
    [InlineData(5, false)]
    public void Voter_must_not_vow_in_a_term_that_does_not_continue_its_own_while_its_older_vows_run(int servers, bool restart)
    {
        using EngineLab lab = Split(servers);
        int owner = servers - 1;

        // The link moves: the owner of the higher term meets the voters of the lower, which lose sight of its raiser at that moment.
        lab.CutBetween([0], [.. Enumerable.Range(1, owner)]);
        if (restart)
        {
            lab[1].Start();
            lab[1].Engine.SetClean();
        }

        bool held = lab[0].Engine.Grant == GrantState.Held;
        Assert.True(held);
        for (int i = 0; i < 1000; i++)
        {
            lab.Run(5);
            Assert.False(
                lab[0].Engine.Grant == GrantState.Held && lab[owner].Engine.MayStart,
                $"{i * 5} ms after the link moved server 1 runs in {lab[0].Engine.Term} and server {owner + 1} starts in {lab[owner].Engine.Term}");
        }

        Assert.True(lab[owner].Engine.MayStart);
    }

    [Fact]
    public void Voter_that_meets_everybody_in_the_new_term_must_vow_at_once()
    {
        using EngineLab lab = Split(3);
        lab.Heal();
        lab.Run(850);
        Assert.All(lab.Nodes, n => Assert.Equal(new Term(2, 2), n.Engine.Term));
        Assert.Equal(GrantState.Held, lab[2].Engine.Grant);
        Assert.Equal(2000u, lab[1].LastBeatTo(2).VowMilliseconds);
    }

    /// <summary>The last server runs groups, the others are clean in its term. Cut from it they raise a term by votes; it raises a higher one by their word.</summary>
    private static EngineLab Split(int servers)
    {
        EngineLab lab = EngineLab.Voting(servers).Formed();
        int owner = servers - 1;
        int[] others = [.. Enumerable.Range(0, owner)];
        foreach (int other in others)
        {
            lab[other].Start();
            lab[other].Engine.SetClean();
        }

        lab.Run(3000);
        lab.CutBetween([owner], others);
        lab.Run(2400);
        Assert.True(lab[0].Ask(1u << owner), lab[0].LastRefusal);
        lab.Run(300);
        Assert.Equal(new Term(2, 0), lab[1].Engine.Term);
        Assert.True(lab[0].Engine.MayStart);
        Assert.True(lab[owner].Raise((1u << owner) - 1), lab[owner].LastRefusal);
        Assert.Equal(new Term(2, owner), lab[owner].Engine.Term);
        lab.Run(100);
        return lab;
    }
}
