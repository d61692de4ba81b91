using System.ComponentModel;
using System.Diagnostics;
using ClusterActors.Control;
using ClusterActors.Control.Client;
using ClusterActors.Control.Starting;

namespace ClusterActors.Cli.Starting;

/// <summary>The guardian as the init system of this server knows it: systemd's unit, or where another init runs, a command that the administrator has written.</summary>
internal sealed class GuardianUnit(CliHost host)
{
    private const string Unit = "clp-guardian.service";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    // What a command that has ended leaves behind may keep its output open for ever.
    private static readonly TimeSpan OutputLimit = TimeSpan.FromMilliseconds(200);

    /// <summary>For init systems other than systemd: an executable that has the guardian started and returns; 0 = done or running already.</summary>
    private string OwnCommand => host.PathOf("/etc/clp/start-guardian");

    /// <summary>What <see cref="StartAsync"/> would run; null where nothing can start it.</summary>
    public string? Command => File.Exists(OwnCommand) ? OwnCommand : Directory.Exists(host.PathOf("/run/systemd/system")) ? $"systemctl start {Unit}" : null;

    /// <summary>Has the guardian started; does not wait until it runs. May be asked again and again.</summary>
    public async Task<StartReply> StartAsync(CancellationToken cancellation)
    {
        var (phase, _) = await DaemonQuestion.AskAsync(new ControlClient(ControlAddress.Local(host.Root), null, host.Time), cancellation).ConfigureAwait(false);
        if (phase == DaemonPhase.Up)
            return new StartReply(true, true, "");
        if (phase == DaemonPhase.Stopping)
            return new StartReply(false, false, "it is being stopped; order the start again when it has stopped") { IsStopping = true };

        var problem = File.Exists(OwnCommand) ? await RunAsync(OwnCommand, [], cancellation).ConfigureAwait(false)
            : Command is null ? $"systemd does not run here; write {OwnCommand}, which lets the init system start clpmonp"
            : await RunAsync("systemctl", ["start", "--no-block", Unit], cancellation).ConfigureAwait(false);
        return new StartReply(problem.Length == 0, false, problem);
    }

    /// <returns>What is wrong; empty when nothing is.</returns>
    private async Task<string> RunAsync(string program, string[] arguments, CancellationToken cancellation)
    {
        var command = string.Join(' ', [program, .. arguments]);
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
            using var limit = new CancellationTokenSource(Limit, host.Time);
            using var end = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
            var (said, _) = (process.StandardError.ReadToEndAsync(end.Token), process.StandardOutput.ReadToEndAsync(end.Token));
            try
            {
                await process.WaitForExitAsync(end.Token).ConfigureAwait(false);
                return process.ExitCode == 0 ? "" : $"{command} ended with {process.ExitCode}: {await WhatWasSaidAsync(said, cancellation).ConfigureAwait(false)}";
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
            {
                // Alone: what it has started may be the guardian.
                process.Kill();
                return $"{command} did not end within {Limit.TotalSeconds:0} s";
            }
        }
        catch (Win32Exception failure)
        {
            return $"{command}: {failure.Message}";
        }
    }

    private async Task<string> WhatWasSaidAsync(Task<string> said, CancellationToken cancellation)
    {
        try
        {
            return (await said.WaitAsync(OutputLimit, host.Time, cancellation).ConfigureAwait(false)).Trim();
        }
        catch (TimeoutException)
        {
            return "(it left its output open)";
        }
    }
}
