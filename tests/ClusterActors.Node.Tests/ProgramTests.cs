using System.Diagnostics;
using ClusterActors.Cluster.Events;
using ClusterActors.Control.Identity;
using ClusterActors.Linux.Files;
using ClusterActors.Model.Guardian;
using ClusterActors.Node.Composition;
using ClusterActors.Node.Events;

namespace ClusterActors.Node.Tests;

/// <summary>The real clpd, in a root of its own in which it cannot start: its exit code and its event file must say why.</summary>
public sealed class ProgramTests : IDisposable
{
    private const int BadConfiguration = 78;
    private const int NoJournal = 74;
    private const int RunsAlready = 75;

    private readonly NodePaths _paths = new(Directory.CreateTempSubdirectory("clp-clpd-").FullName);

    public ProgramTests()
    {
        _paths.CreateFolders();
        Directory.CreateDirectory($"{_paths.Root}/etc/clp");
    }

    public void Dispose() => Directory.Delete(_paths.Root, recursive: true);

    [Theory]
    [InlineData(null, "server1", "pm 14")]
    [InlineData("cluster {", "server1", "pm 13")]
    [InlineData(PairConf.Good, "server9", "pm 15")]
    public async Task Daemon_without_a_configuration_must_end_with_the_event_that_says_why(string? configuration, string server, string events)
    {
        if (configuration is not null)
            File.WriteAllText(_paths.ClusterConf, configuration);
        Assert.Equal(BadConfiguration, await RunAsync(server));
        Assert.Equal(events, Events());

        // The guardian starts it again and again; an administrator is told once.
        Assert.Equal(BadConfiguration, await RunAsync(server));
        Assert.Equal(events, Events());
    }

    [Fact]
    public async Task Daemon_without_a_journal_must_end_with_the_event_that_it_is_fatal()
    {
        File.WriteAllText(_paths.ClusterConf, PairConf.Good);
        Directory.CreateDirectory(_paths.Store);
        Assert.Equal(NoJournal, await RunAsync("server1"));
        Assert.Equal("pm 11", Events());
    }

    [Fact]
    public async Task Daemon_started_ahead_must_wait_for_its_turn_and_go_by_the_configuration_of_that_moment()
    {
        File.WriteAllText(_paths.ClusterConf, PairConf.Good);
        Task<int> ahead;
        using (InstanceLock.TryTake(_paths.DaemonLock))
        {
            ahead = RunAsync("server1", startedAhead: true);
            Assert.Equal(RunsAlready, await RunAsync("server1"));
            Assert.Equal("pm 10", Events());
            Assert.False(ahead.IsCompleted);
            File.WriteAllText(_paths.ClusterConf, "cluster {");
        }

        Assert.Equal(BadConfiguration, await ahead);
        Assert.Equal("pm 10, pm 13", Events());
    }

    private async Task<int> RunAsync(string server, bool startedAhead = false)
    {
        IdentityMaker.OpenOrCreate(new IdentityPaths(_paths.Root), "pair", server, [], TimeProvider.System).Dispose();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "clpd"))
        {
            Environment = { ["CLP_ROOT"] = _paths.Root },
            RedirectStandardError = true,
        };
        if (startedAhead)
            start.Environment[StartedAhead.Variable] = "1";
        using var clpd = Process.Start(start)!;
        try
        {
            var said = await clpd.StandardError.ReadToEndAsync(limit.Token);
            await clpd.WaitForExitAsync(limit.Token);
            Assert.NotEmpty(said);
            return clpd.ExitCode;
        }
        finally
        {
            clpd.Kill();
        }
    }

    private string Events() =>
        string.Join(", ", ((IEventSink)new JsonLinesEventSink(_paths.EventLog, Assert.Fail)).ReadTail(10).Select(e => $"{e.Key.Module} {e.Key.Id}"));
}
