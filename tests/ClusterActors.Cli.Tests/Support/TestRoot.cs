namespace ClusterActors.Cli.Tests.Support;

/// <summary>An own CLP_ROOT, with the command run in it; removed at the end.</summary>
internal sealed class TestRoot : IDisposable
{
    public TestRoot()
    {
        Path = Directory.CreateTempSubdirectory("clp-cli-").FullName;
        Directory.CreateDirectory(System.IO.Path.Combine(Path, "run/clp"));
        Directory.CreateDirectory(System.IO.Path.Combine(Path, "etc/clp"));
    }

    public string Path { get; }

    public string SocketPath => System.IO.Path.Combine(Path, "run/clp/control.sock");

    public string ClusterConf => System.IO.Path.Combine(Path, "etc/clp/cluster.conf");

    public Task<CommandRun> RunAsync(params string[] arguments) => RunAsync(new StringWriter { NewLine = "\n" }, arguments);

    public async Task<CommandRun> RunAsync(StringWriter output, params string[] arguments)
    {
        var error = new StringWriter { NewLine = "\n" };
        var host = new CliHost(output, error, TimeProvider.System, Path, "server1", OutIsTerminal: false);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var code = await CommandRunner.RunAsync(arguments, host, limit.Token);
        return new CommandRun((int)code, output.ToString(), error.ToString());
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}

internal sealed record CommandRun(int Code, string Out, string Error);
