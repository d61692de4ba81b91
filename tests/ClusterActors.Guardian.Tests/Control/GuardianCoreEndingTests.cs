using ClusterActors.Guardian.Control;
using ClusterActors.Model;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Guardian.Tests.Control;

/// <summary>In which order a guardian ends what runs when it makes its server safe.</summary>
public sealed class GuardianCoreEndingTests : IDisposable
{
    private readonly CoreBench _guardian = new();

    public GuardianCoreEndingTests()
    {
        _guardian.HoldByVow();
        _guardian.Ended.Clear();
        _guardian.Running.Add(Program("db"));
        _guardian.Running.Add(Program("app"));
        _guardian.Held.Add(new AddressEntry("t3", _guardian.Loop.Engine.Term, "web", "ip", System.Net.IPAddress.Loopback, "lo"));
        _guardian.Ask(new SetStopPlan([new("web", "app"), new("other", "gone"), new("web", "ip"), new("web", "db")]), 10);
    }

    [Fact]
    public void Stop_plan_must_be_followed_step_by_step()
    {
        _guardian.Ask(new MakeSafe("test"), 11);
        Assert.Equal(["web.app"], _guardian.Ended);
        EndProgram();
        Assert.Equal(["web.app", "web.ip", "web.db"], _guardian.Ended);
        EndProgram();
        Assert.Equal(["web.app", "web.ip", "web.db", "the rest"], _guardian.Ended);
        EndProgram();
        Assert.Equal(GuardianResult.Done, _guardian.Connection.Replies[11].Result);
    }

    [Fact]
    public void What_hangs_must_not_hold_the_rest_up_for_longer_than_a_second()
    {
        _guardian.KeepByVow(200);
        _guardian.Ask(new MakeSafe("test"), 11);
        _guardian.KeepByVow(900);
        Assert.Equal(["web.app"], _guardian.Ended);
        _guardian.KeepByVow(100);
        Assert.Equal(["web.app", "the rest"], _guardian.Ended);

        // The one that hung ends after all: nothing is ended twice for it.
        _guardian.Kills[0](new KillOutcome(true, ""));
        Assert.Equal(["web.app", "the rest"], _guardian.Ended);
    }

    [Fact]
    public void End_of_the_grant_must_end_the_order()
    {
        _guardian.Advance(1500);
        _guardian.Ask(new MakeSafe("test"), 11);
        Assert.Equal(["web.app"], _guardian.Ended);
        _guardian.Advance(600);
        Assert.Contains("the rest", _guardian.Ended);
        Assert.DoesNotContain("web.ip", _guardian.Ended);
    }

    [Fact]
    public void Without_a_plan_everything_must_end_at_once()
    {
        _guardian.Ask(new SetStopPlan([]), 10);
        _guardian.Ask(new MakeSafe("test"), 11);
        Assert.Equal(["the rest"], _guardian.Ended);
    }

    public void Dispose() => _guardian.Dispose();

    private void EndProgram() => _guardian.Kills[^1](new KillOutcome(true, ""));

    private ProgramEntry Program(string resource) => new(resource, _guardian.Loop.Engine.Term, "web", resource, false, 100, TimeSpan.Zero);
}
