using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text.Json;
using ClusterActors.Cli.Parsing;
using ClusterActors.Cli.Starting;
using ClusterActors.Control;
using ClusterActors.Control.Identity;
using ClusterActors.Control.Starting;
using ClusterActors.Linux.Sockets;
using ClusterActors.Model;

namespace ClusterActors.Cli.Commands;

/// <summary><c>clp starter</c>: what <c>clp-starter.socket</c> runs when another server asks for a start.</summary>
internal static class StarterCommand
{
    // The next order in this time is heard without a new process.
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(10);

    public static async Task<ExitCode> RunAsync(Invocation invocation)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(invocation.Cancellation);
        using var asked = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
        {
            context.Cancel = true;
            ended.Cancel();
        });
        var listen = invocation.ListenAt(PortsConfig.DefaultStarter);
        var sockets = listen is null ? ActivatedSockets.Take() : [Listen(listen)];
        if (sockets.Count == 0)
            throw new UsageException("clp starter: no socket was handed over; systemd does that by clp-starter.socket, elsewhere give --listen ADDRESS:PORT", invocation.Command);
        var server = new StartServer(invocation.Host.Root, new GuardianUnit(invocation.Host).StartAsync, sentence => Say(invocation, sentence), invocation.Host.Time);
        try
        {
            await server.ServeAsync(sockets, listen is null ? Idle : null, ended.Token).ConfigureAwait(false);
            return ExitCode.Done;
        }
        finally
        {
            foreach (var socket in sockets)
                socket.Dispose();
        }
    }

    private static Socket Listen(IPEndPoint at)
    {
        try
        {
            return ListeningSocket.Open(at);
        }
        catch (SocketException failure)
        {
            throw new ControlException(ExitCode.Refused, $"{at}: {failure.Message}; stop what listens there, or choose another place with --listen", failure);
        }
    }

    private static void Say(Invocation invocation, string sentence)
    {
        lock (invocation.Host.Out)
        {
            invocation.Host.Out.WriteLine(invocation.Has("json") ? JsonSerializer.Serialize(new StarterStep(sentence), CliJson.Default.StarterStep) : sentence);
            invocation.Host.Out.Flush();
        }
    }
}

/// <summary>One line of <c>clp starter --json</c>.</summary>
internal sealed record StarterStep(string Sentence);
