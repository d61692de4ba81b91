using ClusterActors.Model;
using ClusterActors.Model.Guardian;
using ClusterActors.Node.Guardian;

namespace ClusterActors.Node.Tests;

public sealed class ProgramExitsTests
{
    private readonly ProgramExits _exits = new();

    [Fact]
    public async Task Exit_must_be_told_when_the_program_ends_after_the_wait_began()
    {
        var wait = _exits.Expect("t1");
        Assert.False(wait.IsCompleted);
        _exits.On(new ProgramExited("t1", "g", "r", 3, 0, TimeSpan.FromSeconds(2)));
        Assert.Equal(3, (await wait).ExitCode);
    }

    [Fact]
    public async Task Exit_must_be_told_when_the_program_ended_before_anybody_waited_again()
    {
        _ = _exits.Expect("t1");
        _exits.On(new ProgramExited("t1", "g", "r", -1, 9, TimeSpan.Zero));
        var exit = await _exits.Expect("t1");
        Assert.Equal(137, exit.ExitCode);
        Assert.Equal(9, exit.Signal);
    }

    [Fact]
    public async Task Wait_must_end_when_the_guardians_table_does_not_know_the_program_any_more()
    {
        var gone = _exits.Expect("gone");
        var live = _exits.Expect("live");
        var before = _exits.Waiting;
        var later = _exits.Expect("later");
        _exits.On(Table(new ProgramEntry("live", Term.Zero, "g", "r", false, 7, TimeSpan.Zero)), before);
        Assert.Contains("earlier guardian", (await gone).Sentence, StringComparison.Ordinal);
        Assert.False(live.IsCompleted);
        Assert.False(later.IsCompleted, "it was started after the table was asked for");
    }

    private static GuardianTable Table(params ProgramEntry[] programs) =>
        new(Term.Zero, 0, GrantState.Held, GuardianFlags.None, programs, [], [], [], []);
}
