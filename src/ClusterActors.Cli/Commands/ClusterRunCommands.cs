using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;
using ClusterActors.Cli.Parsing;
using ClusterActors.Control;
using ClusterActors.Control.Client;

namespace ClusterActors.Cli.Commands;

/// <summary><c>clpcl</c>.</summary>
internal static class ClusterRunCommands
{
    private const double DefaultWaitSeconds = 30;
    private const string Unit = "clp-guardian.service";
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(200);

    public static async Task<ExitCode> RunAsync(Invocation invocation) =>
        invocation.OneOf(null, "start", "stop", "suspend", "resume") switch
        {
            "stop" => await StopAsync(invocation).ConfigureAwait(false),
            "suspend" => await WishCommands.OfClusterAsync(invocation, ClusterWishVerb.Suspend).ConfigureAwait(false),
            "resume" => await WishCommands.OfClusterAsync(invocation, ClusterWishVerb.Resume).ConfigureAwait(false),
            _ => await StartAsync(invocation).ConfigureAwait(false),
        };

    private static async Task<ExitCode> StopAsync(Invocation invocation)
    {
        using var api = Api.Open(invocation);
        var options = invocation.CommandOptions(DefaultWaitSeconds);
        var answer = await api.CommandAsync(
            Routes.ClusterStop, new ClusterCommand(invocation.Has("all"), options), ControlJson.Default.ClusterCommand, options).ConfigureAwait(false);
        var reply = answer.Read(ControlJson.Default.CommandReply);
        return api.PrintedAsJson(answer) ? reply.Code : ReplyText.Print(invocation, "Stop", reply);
    }

    private static async Task<ExitCode> StartAsync(Invocation invocation)
    {
        var server = invocation.Host.HostName;
        if (invocation.Has("host"))
            throw new UsageException("clp cl: -s starts this server's guardian and takes no --host; run it on the other server", invocation.Command);
        if (!Directory.Exists("/run/systemd/system"))
            throw new ControlException(ExitCode.Refused,
                $"Start {server} : Failed: systemd does not run here, so the command cannot start the guardian; let the init system run clpmonp (it starts clpd and restarts it)");
        if (invocation.Has("dry-run"))
            return Print(invocation, new CommandReply(ExitCode.Done, $"would run: systemctl start {Unit}", null, [], []));

        var options = invocation.CommandOptions(DefaultWaitSeconds);
        await StartUnitAsync(invocation, server).ConfigureAwait(false);
        var reply = options.WaitSeconds > 0
            ? await AwaitDaemonAsync(invocation, server, TimeSpan.FromSeconds(options.WaitSeconds)).ConfigureAwait(false)
            : new CommandReply(ExitCode.StillRunning, $"Start {server} : {Unit} is being started", null, [], []);
        return Print(invocation, invocation.Has("all") ? ButNotTheOthers(reply) : reply);
    }

    private static ExitCode Print(Invocation invocation, CommandReply reply)
    {
        if (!invocation.Has("json"))
            return ReplyText.Print(invocation, "Start", reply);
        invocation.Host.Out.WriteLine(JsonSerializer.Serialize(reply, ControlJson.Default.CommandReply));
        return reply.Code;
    }

    private static CommandReply ButNotTheOthers(CommandReply reply)
    {
        const string sentence = "the other servers are started on themselves: clpcl -s there (or at their boot)";
        return reply with
        {
            Code = reply.Code == ExitCode.Done ? ExitCode.Partial : reply.Code,
            Message = reply.Message.Length > 0 ? $"{reply.Message}; {sentence}" : sentence,
        };
    }

    private static async Task StartUnitAsync(Invocation invocation, string server)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo("systemctl", ["start", "--no-block", Unit]) { RedirectStandardError = true })!;
            using var limit = new CancellationTokenSource(Api.QuestionLimit, invocation.Host.Time);
            using var end = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, invocation.Cancellation);
            var said = await process.StandardError.ReadToEndAsync(end.Token).ConfigureAwait(false);
            await process.WaitForExitAsync(end.Token).ConfigureAwait(false);
            if (process.ExitCode != 0)
                throw new ControlException(ExitCode.Refused, $"Start {server} : Failed: systemctl start {Unit}: {said.Trim()}");
        }
        catch (Win32Exception failure)
        {
            throw new ControlException(ExitCode.Internal, $"Start {server} : Failed: systemctl: {failure.Message}", failure);
        }
        catch (OperationCanceledException failure) when (!invocation.Cancellation.IsCancellationRequested)
        {
            throw new ControlException(ExitCode.Internal, $"Start {server} : Failed: systemctl did not answer within {Api.QuestionLimit.TotalSeconds:0} s", failure);
        }
    }

    /// <summary>Asks until the daemon answers: that is when the server has started.</summary>
    private static async Task<CommandReply> AwaitDaemonAsync(Invocation invocation, string server, TimeSpan limit)
    {
        var (time, since) = (invocation.Host.Time, invocation.Host.Time.GetTimestamp());
        while (true)
        {
            try
            {
                using var api = Api.Open(invocation);
                _ = (await api.GetAsync(Routes.Status).ConfigureAwait(false)).ReadStatus();
                return new CommandReply(ExitCode.Done, "", null, [new CommandLineResult(server, true, "")], []);
            }
            catch (ControlException notYet) when (notYet.Code == ExitCode.Unreachable)
            {
                if (time.GetElapsedTime(since) >= limit)
                    return new CommandReply(ExitCode.StillRunning, $"Start {server} : not up after {limit.TotalSeconds:0} s, still starting: {notYet.Message}", null, [], []);
            }

            await Task.Delay(Poll, time, invocation.Cancellation).ConfigureAwait(false);
        }
    }
}
