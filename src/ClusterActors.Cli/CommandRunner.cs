using System.Runtime.InteropServices;
using ClusterActors.Cli.Commands;
using ClusterActors.Cli.Parsing;
using ClusterActors.Control;

namespace ClusterActors.Cli;

/// <summary>From arguments to an exit code.</summary>
internal static class CommandRunner
{
    public static async Task<ExitCode> RunAsync(string[] arguments, CliHost host)
    {
        using var interrupt = new CancellationTokenSource();
        using var registration = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Interrupt(context, interrupt));
        return await RunAsync(arguments, host, interrupt.Token).ConfigureAwait(false);
    }

    public static async Task<ExitCode> RunAsync(string[] arguments, CliHost host, CancellationToken cancellation)
    {
        try
        {
            var line = CommandLine.Parse(CommandTable.All, arguments);
            if (line.Command is not { } command)
            {
                await (line.Help ? host.Out : host.Error).WriteAsync(HelpText.Overview(CommandTable.All)).ConfigureAwait(false);
                return line.Help ? ExitCode.Done : ExitCode.Usage;
            }

            if (line.Help)
            {
                await host.Out.WriteAsync(HelpText.Of(command)).ConfigureAwait(false);
                return ExitCode.Done;
            }

            return await command.RunAsync(new Invocation(command, line.Options, line.Operands, host, cancellation)).ConfigureAwait(false);
        }
        catch (UsageException wrong)
        {
            await host.Error.WriteLineAsync(wrong.Message).ConfigureAwait(false);
            await host.Error.WriteLineAsync(wrong.Command is { } command ? $"usage: {command.Synopsis}; clp {command.Words} --help tells more" : "clp --help lists the commands").ConfigureAwait(false);
            return wrong.Code;
        }
        catch (ControlException refused)
        {
            await host.Error.WriteLineAsync(refused.Message).ConfigureAwait(false);
            return refused.Code;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            await host.Error.WriteLineAsync("interrupted").ConfigureAwait(false);
            return ExitCode.StillRunning;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            await host.Error.WriteLineAsync(failure.Message).ConfigureAwait(false);
            return failure is UnauthorizedAccessException ? ExitCode.NoPermission : ExitCode.Internal;
        }
    }

    private static void Interrupt(PosixSignalContext context, CancellationTokenSource interrupt)
    {
        // The first one ends the command in order; a second one finds the default action of the signal.
        context.Cancel = !interrupt.IsCancellationRequested;
        interrupt.Cancel();
    }
}
