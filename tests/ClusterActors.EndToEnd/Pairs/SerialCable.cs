using System.Diagnostics;
using ClusterActors.Lab;

namespace ClusterActors.EndToEnd.Pairs;

/// <summary>A serial cable between the two servers of a pair: a process that joins two pseudo terminals, ended when this is disposed.</summary>
internal sealed class SerialCable : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);
    private readonly Process _process;

    private SerialCable(Process process, string first, string second) => (_process, First, Second) = (process, first, second);

    /// <summary>Device of server1.</summary>
    public string First { get; }

    /// <summary>Device of server2.</summary>
    public string Second { get; }

    public static async Task<SerialCable> CreateAsync()
    {
        var process = Process.Start(new ProcessStartInfo(Repository.BenchProgram, ["cable"]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        using var late = new CancellationTokenSource(Limit);
        var words = (await process.StandardOutput.ReadLineAsync(late.Token) ?? "").Split(' ');
        return words is ["cable", var first, var second] ? new SerialCable(process, first, second) : throw new LabException($"clpbench cable said '{string.Join(' ', words)}'");
    }

    /// <summary>cut, heal or noise; returns when it is done.</summary>
    public async Task OrderAsync(string order)
    {
        using var late = new CancellationTokenSource(Limit);
        await _process.StandardInput.WriteLineAsync(order.AsMemory(), late.Token);
        await _process.StandardInput.FlushAsync(late.Token);
        Assert.Equal($"done {order}", await _process.StandardOutput.ReadLineAsync(late.Token));
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }
}
