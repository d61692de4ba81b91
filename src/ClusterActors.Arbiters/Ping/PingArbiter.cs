using System.Net;
using ClusterActors.Model.Arbiters;

namespace ClusterActors.Arbiters.Ping;

/// <summary>
/// Asks whether this side reaches the targets. A veto only: a target that answers says nothing about the other server. All targets are
/// asked at the same time; one answer is enough, so an answer takes one round trip, and "isolated" takes tries times timeout.
/// </summary>
public sealed class PingArbiter(string name, PingOptions options, IEcho echo, TimeProvider time) : IVetoArbiter
{
    public const string TypeName = "ping";

    public string Name { get; } = name;

    public string Type => TypeName;

    public async Task<VetoAnswer> AskAsync(CancellationToken cancellation)
    {
        var reasons = new string[options.Targets.Count];
        for (var attempt = 0; attempt < options.Tries; attempt++)
        {
            using var limit = new CancellationTokenSource(options.Timeout, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
            if (await FirstAnswerAsync((ushort)attempt, reasons, either).ConfigureAwait(false) is { } target)
                return new(false, $"{target} answers");
            cancellation.ThrowIfCancellationRequested();
        }

        var silent = options.Targets.Select((target, i) => $"{target} ({reasons[i]})");
        return new(true, $"none of the targets answers: {string.Join(", ", silent)}");
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async Task<IPAddress?> FirstAnswerAsync(ushort sequence, string[] reasons, CancellationTokenSource limit)
    {
        var open = options.Targets.Select((target, i) => TryAsync(i, target, sequence, reasons, limit.Token)).ToList();
        while (open.Count > 0)
        {
            var done = await Task.WhenAny(open).ConfigureAwait(false);
            open.Remove(done);
            if (await done.ConfigureAwait(false) is not { } target)
                continue;
            await limit.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(open).ConfigureAwait(false);
            return target;
        }

        return null;
    }

    private async Task<IPAddress?> TryAsync(int index, IPAddress target, ushort sequence, string[] reasons, CancellationToken cancellation)
    {
        try
        {
            if (await echo.SendAsync(target, sequence, cancellation).ConfigureAwait(false) is not { } reason)
                return target;
            reasons[index] = reason;
        }
        catch (OperationCanceledException)
        {
            reasons[index] = $"no answer within {options.Timeout.TotalMilliseconds:0} ms, {options.Tries} tries";
        }

        return null;
    }
}
