using ClusterActors.TestKit.PostgreSql;

namespace ClusterActors.Persistence.Tests.PostgreSql;

/// <summary>A server of the tests that does not come up must not hold the run, and must say why.</summary>
public sealed class ScratchPostgreSqlTests : IDisposable
{
    private readonly DirectoryInfo _programs = Directory.CreateTempSubdirectory("clp-pg-programs-");

    public ScratchPostgreSqlTests() => Allow(_programs.FullName);

    public void Dispose() => _programs.Delete(recursive: true);

    [Theory]
    [InlineData("echo no room; exec sleep 300", "true", "false", "initdb ended with 124", "no room")]
    [InlineData("true", "echo no memory; exec sleep 300", "false", "postgres does not answer within 1 s", "no memory")]
    [InlineData("true", "echo no memory; exec sleep 300", "exec sleep 300", "postgres does not answer within 1 s", "no memory")]
    [InlineData("true", "echo no port", "false", "postgres has ended", "no port")]
    public void Start_must_fail_with_the_log_when_the_server_does_not_come_up(string initdb, string postgres, string psql, string problem, string log)
    {
        Program("initdb", initdb);
        Program("postgres", postgres);
        Program("psql", psql);
        var failure = Assert.Throws<InvalidOperationException>(() => ScratchPostgreSql.Start(_programs.FullName, TimeSpan.FromSeconds(1)));
        Assert.Contains(problem, failure.Message, StringComparison.Ordinal);
        Assert.Contains(log, failure.Message, StringComparison.Ordinal);
    }

    private void Program(string name, string script)
    {
        var file = Path.Combine(_programs.FullName, name);
        File.WriteAllText(file, $"#!/bin/sh\n{script}\n");
        Allow(file);
    }

    /// <summary>They run as another user when the test runs as root.</summary>
    private static void Allow(string path) => File.SetUnixFileMode(path, (UnixFileMode)Convert.ToInt32("755", 8));
}
