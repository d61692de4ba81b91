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
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(200);

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
            if (!reply.Started)
                return new Outcome(server, ExitCode.Refused, $"Failed: {reply.Problem}");
            if (reply.RanAlready)
                return new Outcome(server, ExitCode.Done, "Command succeeded: it ran already.");
            return options.WaitSeconds > 0
                ? await AwaitDaemonAsync(invocation, server, new ControlClient(address, identity, invocation.Host.Time), TimeSpan.FromSeconds(options.WaitSeconds)).ConfigureAwait(false)
                : new Outcome(server, ExitCode.StillRunning, "is being started");
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

    /// <summary>Asks until the daemon answers: that is when the server has started.</summary>
    private static async Task<Outcome> AwaitDaemonAsync(Invocation invocation, string server, ControlClient client, TimeSpan limit)
    {
        var (time, since) = (invocation.Host.Time, invocation.Host.Time.GetTimestamp());
        while (true)
        {
            try
            {
                _ = (await client.GetAsync(Routes.Status, Api.QuestionLimit, invocation.Cancellation).ConfigureAwait(false)).ReadStatus();
                return new Outcome(server, ExitCode.Done, "");
            }
            catch (ControlException notYet) when (notYet.Code == ExitCode.Unreachable)
            {
                if (time.GetElapsedTime(since) >= limit)
                    return new Outcome(server, ExitCode.StillRunning, $"not up after {limit.TotalSeconds:0} s, still starting: {notYet.Message}");
            }

            await Task.Delay(Poll, time, invocation.Cancellation).ConfigureAwait(false);
        }
    }

    private sealed record Outcome(string Server, ExitCode Code, string Message);
}
