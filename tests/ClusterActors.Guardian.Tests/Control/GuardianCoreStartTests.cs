using ClusterActors.Model;
using ClusterActors.Model.Guardian;
using ClusterActors.Model.Resources;

namespace ClusterActors.Guardian.Tests.Control;

/// <summary>When the guardian starts something, and what it answers when it does not.</summary>
public sealed class GuardianCoreStartTests
{
    [Fact]
    public void Start_must_be_put_off_while_the_term_is_new_and_then_be_done()
    {
        using var guardian = new CoreBench();
        guardian.Ask(Start(guardian.Loop.Engine.Term), 10);
        Assert.Equal(GuardianResult.NotYet, guardian.Connection.Replies[10].Result);
        Assert.Equal($"web.app: the grant for term {guardian.Loop.Engine.Term} is not given yet", guardian.Connection.Replies[10].Sentence);
        Assert.Empty(guardian.Started);

        guardian.HoldByVow();
        guardian.Ask(Start(guardian.Loop.Engine.Term), 11);
        Assert.Equal(GuardianResult.Done, guardian.Connection.Replies[11].Result);
        Assert.Single(guardian.Started);
    }

    [Fact]
    public void Start_in_another_term_must_be_refused_for_good()
    {
        using var guardian = new CoreBench();
        guardian.Ask(Start(new Term(guardian.Loop.Engine.Term.Number + 1, 0)), 10);
        Assert.Equal(GuardianResult.Refused, guardian.Connection.Replies[10].Result);
        guardian.HoldByVow();
        guardian.Ask(Start(Term.Zero), 11);
        Assert.Equal(GuardianResult.Refused, guardian.Connection.Replies[11].Result);
        Assert.Empty(guardian.Started);
    }

    private static StartProgram Start(Term term) => new("t1", term, "web", "app", false, ["/bin/true"], [], "", "", Containment.Cgroup, "", 0);
}
