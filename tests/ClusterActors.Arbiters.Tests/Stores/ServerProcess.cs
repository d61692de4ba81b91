using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace ClusterActors.Arbiters.Tests.Stores;

/// <summary>A database server of a test, on loopback with a scratch folder; ended and removed with it.</summary>
internal sealed class ServerProcess : IDisposable
{
    private readonly Process _process;
    private readonly List<string> _said = [];

    private ServerProcess(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public string Said
    {
        get
        {
            lock (_said)
                return string.Join('\n', _said.TakeLast(20));
        }
    }

    public int Id => _process.Id;

    public static ServerProcess Start(string program, IReadOnlyList<string> arguments) =>
        new(Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/" })!);

    public static async Task<string> RunAsync(string program, IReadOnlyList<string> arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/" })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return process.ExitCode == 0 ? await output : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: {await errors}");
    }

    /// <summary>A port that nobody has at present.</summary>
    public static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    /// <summary>Asks until the server answers; 60 s at most.</summary>
    public async Task UntilAsync(string what, Func<Task<bool>> answers)
    {
        var since = TimeProvider.System.GetTimestamp();
        while (!await answers())
        {
            if (_process.HasExited || TimeProvider.System.GetElapsedTime(since) > TimeSpan.FromSeconds(60))
                throw new InvalidOperationException($"{what} did not come up (ended: {_process.HasExited}): {Said}");
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
    }

    private void Keep(string? line)
    {
        lock (_said)
            if (line is not null)
                _said.Add(line);
    }
}
