using System.ComponentModel;
using System.Diagnostics;
using ClusterActors.Control;
using ClusterActors.Control.Client;
using ClusterActors.Control.Starting;
using ClusterActors.Linux;
using ClusterActors.Linux.Sockets;

namespace ClusterActors.Cli.Starting;

/// <summary>The guardian as the init system of this server knows it: systemd's unit, or where another init runs, a command that the administrator has written.</summary>
internal sealed class GuardianUnit(CliHost host)
{
    private const string Unit = "clp-guardian.service";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    /// <summary>For init systems other than systemd: an executable that has the guardian started and returns; 0 = done or running already.</summary>
    private string OwnCommand => host.PathOf("/etc/clp/start-guardian");

    /// <summary>What <see cref="StartAsync"/> would run; null where nothing can start it.</summary>
    public string? Command => File.Exists(OwnCommand) ? OwnCommand : Directory.Exists(host.PathOf("/run/systemd/system")) ? $"systemctl start {Unit}" : null;

    /// <summary>Has the guardian started; does not wait until it runs.</summary>
    public async Task<StartReply> StartAsync(CancellationToken cancellation)
    {
        if (DaemonAnswers())
            return new StartReply(true, true, "");
        var problem = File.Exists(OwnCommand) ? await RunAsync(OwnCommand, [], cancellation).ConfigureAwait(false)
            : Command is null ? $"systemd does not run here; write {OwnCommand}, which lets the init system start clpmonp"
            : await RunAsync("systemctl", ["start", "--no-block", Unit], cancellation).ConfigureAwait(false);
        return new StartReply(problem.Length == 0, false, problem);
    }

    private bool DaemonAnswers()
    {
        try
        {
            using var connected = LocalStream.Connect(ControlAddress.Local(host.Root).SocketPath!);
            return true;
        }
        catch (LinuxException)
        {
            return false;
        }
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
            try
            {
                var said = process.StandardError.ReadToEndAsync(end.Token);
                await process.StandardOutput.ReadToEndAsync(end.Token).ConfigureAwait(false);
                await process.WaitForExitAsync(end.Token).ConfigureAwait(false);
                return process.ExitCode == 0 ? "" : $"{command} ended with {process.ExitCode}: {(await said.ConfigureAwait(false)).Trim()}";
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
            {
                process.Kill(entireProcessTree: true);
                return $"{command} did not end within {Limit.TotalSeconds:0} s";
            }
        }
        catch (Win32Exception failure)
        {
            return $"{command}: {failure.Message}";
        }
    }
}
