using ClusterActors.Lab;

namespace ClusterActors.EndToEnd;

public sealed class OracleFileTests
{
    [Fact]
    public void Oracle_must_see_no_overlap_when_one_run_follows_the_other()
    {
        var oracle = OracleFile.Parse("server1 1 100 7@90\nserver1 1 200 7@90\nserver2 2 300 7@290\nserver1 3 400 9@390\n");
        Assert.Null(oracle.TwoAtOnce());
        Assert.Equal(["server1", "server2", "server1"], oracle.Runs.Select(run => run.Server));
    }

    [Fact]
    public void Oracle_must_report_two_servers_that_ran_together()
    {
        var oracle = OracleFile.Parse("server1 1 100 7@90\nserver2 2 150 8@140\nserver1 1 200 7@90\nserver2 2 300 8@140\n");
        Assert.Contains("server1 ran until 200, server2 from 150", oracle.TwoAtOnce());
    }

    [Fact]
    public void Oracle_must_pass_over_a_line_that_is_still_being_written() =>
        Assert.Equal(100, Assert.Single(OracleFile.Parse("server1 1 100 7@90\nserver2 2 15").Runs).LastAt);
}
