using System.Globalization;
using System.Text.Json;
using ClusterActors.Cli.Parsing;
using ClusterActors.Cli.Starting;
using ClusterActors.Control;
using ClusterActors.Control.Client;
using ClusterActors.Control.Identity;
using ClusterActors.Control.Starting;

namespace ClusterActors.Cli.Commands;

/// <summary><c>clpcl -s</c>: has guardians started, here by the init system and on other servers through their starter, and waits until the daemons answer.</summary>
internal static class ClusterStartCommand
{
    private const int LongestProblem = 500;
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan OrderEvery = TimeSpan.FromSeconds(2);

    public static async Task<ExitCode> RunAsync(Invocation invocation, CommandOptions options)
    {
        var targets = StartTarget.Of(invocation);
        if (options.DryRun)
            return Print(invocation, WouldDo(invocation, targets));
        return Print(invocation, await StartAsync(invocation, targets, options).ConfigureAwait(false));
    }

    internal static async Task<CommandReply> StartAsync(Invocation invocation, IReadOnlyList<StartTarget> targets, CommandOptions options)
    {
        using var identity = targets.All(target => target.IsHere) ? null : ClusterIdentity.Load(invocation.Host.Root);
        var outcomes = await Task.WhenAll(targets.Select(target => StartAsync(invocation, target, identity, options))).ConfigureAwait(false);
        return Reply(outcomes);
    }

    private static CommandReply WouldDo(Invocation invocation, IReadOnlyList<StartTarget> targets)
    {
        var here = new GuardianUnit(invocation.Host).Command ?? "nothing: systemd does not run here";
        return new CommandReply(ExitCode.Done, string.Join('\n', targets.Select(target => target.IsHere
            ? $"{target.Display}: would run {here}"
            : $"{target.Display}: would ask the starter at {string.Join(" or ", target.Addresses)}, TCP port {target.StarterPort}")), null, [], []);
    }

    private static ExitCode Print(Invocation invocation, CommandReply reply)
    {
        if (!invocation.Has("json"))
            return ReplyText.Print(invocation, "Start", reply);
        invocation.Host.Out.WriteLine(JsonSerializer.Serialize(reply, ControlJson.Default.CommandReply));
        return reply.Code;
    }

    private static CommandReply Reply(IReadOnlyList<Outcome> outcomes)
    {
        var (failed, slow) = (outcomes.Where(o => o.Code is not (ExitCode.Done or ExitCode.StillRunning)).ToList(), outcomes.Where(o => o.Code == ExitCode.StillRunning).ToList());
        var code = failed.Count > 0 ? failed.Count < outcomes.Count ? ExitCode.Partial : failed[0].Code
            : slow.Count > 0 ? ExitCode.StillRunning
            : ExitCode.Done;
        var message = failed.Count == 0 && slow.Count > 0 ? $"still starting: {string.Join(", ", slow.Select(o => o.Server))}"
            : failed.Count > 0 && failed.Count < outcomes.Count ? $"not started: {string.Join(", ", failed.Select(o => o.Server))}"
            : "";
        return new CommandReply(code, message, null, [.. outcomes.Select(o => new CommandLineResult(o.Server, !failed.Contains(o), o.Message))], []);
    }

    private static async Task<Outcome> StartAsync(Invocation invocation, StartTarget target, ClusterIdentity? identity, CommandOptions options)
    {
        try
        {
            var (server, address, reply) = await OrderAsync(invocation, target, identity, options).ConfigureAwait(false);
            if (reply.RanAlready)
                return new Outcome(server, ExitCode.Done, "Command succeeded: it ran already.");
            if (!reply.Started && !(reply.IsStopping && options.WaitSeconds > 0))
                return new Outcome(server, ExitCode.Refused, $"Failed: {ForeignText.Printable(reply.Problem, LongestProblem)}");
            if (options.WaitSeconds == 0)
                return new Outcome(server, ExitCode.StillRunning, "is being started");
            var client = new ControlClient(address, identity, invocation.Host.Time);
            return await AwaitDaemonAsync(invocation, server, client, () => OrderAsync(invocation, target, identity, options), TimeSpan.FromSeconds(options.WaitSeconds)).ConfigureAwait(false);
        }
        catch (ControlException failure)
        {
            return new Outcome(target.Display, failure.Code, $"Failed: {failure.Message}");
        }
    }

    private static async Task<(string Server, ControlAddress Address, StartReply Reply)> OrderAsync(Invocation invocation, StartTarget target, ClusterIdentity? identity, CommandOptions options)
    {
        var host = invocation.Host;
        if (target.IsHere)
            return (target.Display, ControlAddress.Local(host.Root), await new GuardianUnit(host).StartAsync(invocation.Cancellation).ConfigureAwait(false));
        var answer = await new StartClient(identity!, host.Time).AskAsync(target.Name, target.Addresses, target.StarterPort, options.Reason, invocation.Cancellation).ConfigureAwait(false);
        return (answer.Server, new ControlAddress(null, answer.Address, target.ManagerPort), answer.Reply);
    }

    /// <summary>
    /// Asks until the daemon is up: that is when the server has started. The order is given again meanwhile: a guardian that was just ending when it came
    /// has taken no notice of it.
    /// </summary>
    private static async Task<Outcome> AwaitDaemonAsync(Invocation invocation, string server, ControlClient client, Func<Task> orderAgain, TimeSpan limit)
    {
        var (time, since, ordered) = (invocation.Host.Time, invocation.Host.Time.GetTimestamp(), invocation.Host.Time.GetTimestamp());
        while (true)
        {
            var (phase, why) = await DaemonQuestion.AskAsync(client, invocation.Cancellation).ConfigureAwait(false);
            if (phase == DaemonPhase.Up)
                return new Outcome(server, ExitCode.Done, "");
            if (time.GetElapsedTime(since) >= limit)
                return new Outcome(server, ExitCode.StillRunning, string.Create(
                    CultureInfo.InvariantCulture, $"not up after {limit.TotalSeconds:0.#} s: {(phase == DaemonPhase.Stopping ? "it is still being stopped" : why)}; journalctl -u clp-guardian there tells more"));
            if (time.GetElapsedTime(ordered) >= OrderEvery)
            {
                ordered = time.GetTimestamp();
                await TryAsync(orderAgain).ConfigureAwait(false);
            }

            await Task.Delay(Poll, time, invocation.Cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>The first order was taken; that a later one does not get through is no failure of the start.</summary>
    private static async Task TryAsync(Func<Task> order)
    {
        try
        {
            await order().ConfigureAwait(false);
        }
        catch (ControlException)
        {
            // What is wrong shows at the end of the wait.
        }
    }

    private sealed record Outcome(string Server, ExitCode Code, string Message);
}
