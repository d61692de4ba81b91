using ClusterActors.Cli.Commands;
using ClusterActors.Cli.Tests.Support;

namespace ClusterActors.Cli.Tests;

public sealed class ParsingTests
{
    [Theory]
    [InlineData("clpstat", "-g", "stat -g")]
    [InlineData("clpgrp", "-s web", "grp -s web")]
    [InlineData("clpcl", "-t -a", "cl -t -a")]
    [InlineData("clpbwctrl", "-c", "bwctrl -c")]
    [InlineData("clp", "stat", "stat")]
    public void Alias_must_become_its_command_when_the_program_is_called_by_it(string name, string arguments, string expected) =>
        Assert.Equal(expected, string.Join(' ', CallName.Expand(name, arguments.Split(' '))));

    [Theory]
    [InlineData("nothing", "no such command")]
    [InlineData("cluster leave", "cluster init, cluster join")]
    [InlineData("stat -q", "-q is not known")]
    [InlineData("stat -s -g", "only one of -s, -g, -n")]
    [InlineData("stat here", "'here' is one too many")]
    [InlineData("stat --json --json", "given twice")]
    [InlineData("stat --json=yes", "takes no value")]
    [InlineData("stat --host", "needs a value")]
    [InlineData("stat --host a:b", "--host a:b")]
    [InlineData("grp web", "one of -s, -t, -m, -n must be given")]
    [InlineData("grp -s web other", "'other' is one too many")]
    [InlineData("grp -s -w soon web", "must be a number from 0 to 86400")]
    [InlineData("grp -t --to server2 web", "--to has no meaning with -t")]
    [InlineData("grp -s -h server1 --to server2 web", "give one")]
    [InlineData("grp -n", "-n GROUP")]
    [InlineData("cl", "one of -s, -t, --suspend, --resume must be given")]
    [InlineData("explain", "MODULE [ID] | group GROUP is missing")]
    [InlineData("explain rc ten", "must be the event's number")]
    [InlineData("explain rc 10 --lang fr", "must be en or ja")]
    [InlineData("events -n 0", "must be a number from 1")]
    [InlineData("cluster join", "TOKEN is missing")]
    [InlineData("cluster join clp2.abc", "it does not begin with clp1.")]
    [InlineData("cluster join clp1.abc", "join token")]
    [InlineData("cluster start --reason x", "--alone is missing")]
    [InlineData("cluster start --alone", "--reason TEXT is missing")]
    [InlineData("bwctrl", "-c is missing")]
    [InlineData("config check --server a --any-server", "exclude each other")]
    public async Task Command_line_must_be_refused_with_a_reason_when_it_is_wrong(string line, string reason)
    {
        using var root = new TestRoot();
        var run = await root.RunAsync(line.Split(' '));
        Assert.Contains(reason, run.Error);
        Assert.Equal(1, run.Code);
        Assert.Empty(run.Out);
    }

    [Fact]
    public async Task Clp_must_list_its_commands_when_called_alone()
    {
        using var root = new TestRoot();
        var (bare, help) = (await root.RunAsync(), await root.RunAsync("--help"));
        Assert.Equal((1, 0), (bare.Code, help.Code));
        Assert.Equal(help.Out, bare.Error);
        Assert.All(CommandTable.All, command => Assert.Contains(command.Summary, help.Out));
    }

    [Fact]
    public async Task Help_must_name_every_option_of_each_command()
    {
        using var root = new TestRoot();
        foreach (var command in CommandTable.All)
        {
            var run = await root.RunAsync([.. command.Words.Split(' '), "--help"]);
            Assert.Equal(0, run.Code);
            Assert.All(command.Options, option => Assert.Contains(option.Display, run.Out));
        }
    }

    [Fact]
    public void Options_must_be_unambiguous_in_each_command() =>
        Assert.All(CommandTable.All, command =>
        {
            Assert.Equal(command.Options.Count, command.Options.Select(option => option.Name).Distinct().Count());
            var letters = command.Options.Where(option => option.Short is not null).Select(option => option.Short).ToArray();
            Assert.Equal(letters.Length, letters.Distinct().Count());
        });

    [Fact]
    public void Reference_must_be_what_the_command_prints()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "ClusterActors.sln")))
            directory = directory.Parent;
        Assert.NotNull(directory);
        Assert.Equal(Parsing.ReferenceText.Render(CommandTable.All), File.ReadAllText(Path.Combine(directory.FullName, "docs", "COMMANDS.md")));
    }

    [Fact]
    public void Exit_table_must_name_every_code() =>
        Assert.Equal(Enum.GetValues<Control.ExitCode>(), ExitCodes.All.Select(entry => entry.Code));
}
