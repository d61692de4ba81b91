using System.Runtime.InteropServices;

namespace ClusterActors.Actors;

/// <summary>
/// Turns SIGTERM and SIGINT into a coordinated shutdown. Needed because the runtime no longer raises ProcessExit on
/// SIGTERM since .NET 10 (D11): without it a terminated daemon looks like a crashed one to its peers.
/// </summary>
public sealed class TerminationSignals : IDisposable
{
    private readonly PosixSignalRegistration[] _registrations;

    private TerminationSignals(Action<string> onSignal)
    {
        void Handle(PosixSignalContext context)
        {
            // The default action would end the process at once.
            context.Cancel = true;
            onSignal(context.Signal.ToString());
        }
        _registrations = [PosixSignalRegistration.Create(PosixSignal.SIGTERM, Handle), PosixSignalRegistration.Create(PosixSignal.SIGINT, Handle)];
    }

    /// <summary>Runs the system's shutdown at the first signal; the program then ends when its main method sees <see cref="ActorSystem.WhenTerminated"/>.</summary>
    public static TerminationSignals Register(ActorSystem system)
    {
        ArgumentNullException.ThrowIfNull(system);
        return new TerminationSignals(signal => _ = system.CoordinatedShutdown.Run($"the process got {signal}"));
    }

    /// <summary>Back to the default actions.</summary>
    public void Dispose()
    {
        foreach (var registration in _registrations) registration.Dispose();
    }
}
