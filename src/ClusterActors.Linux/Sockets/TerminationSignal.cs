using System.Runtime.InteropServices;

namespace ClusterActors.Linux.Sockets;

/// <summary>
/// Turns SIGTERM and SIGINT into a wake-up of a polling thread instead of the end of the process. The runtime's own handler is used,
/// because a signalfd needs the signal blocked in every thread, the runtime's included, before any of them starts.
/// </summary>
public sealed class TerminationSignal : IDisposable
{
    private readonly EventFd _event = new();
    private readonly PosixSignalRegistration _term;
    private readonly PosixSignalRegistration _interrupt;

    public TerminationSignal()
    {
        _term = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
        _interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
    }

    /// <summary>Readable from the first signal on.</summary>
    public int FileDescriptor => _event.FileDescriptor;

    public bool Requested { get; private set; }

    public void Dispose()
    {
        _term.Dispose();
        _interrupt.Dispose();
        _event.Dispose();
    }

    private void OnSignal(PosixSignalContext context)
    {
        context.Cancel = true;
        Requested = true;
        _event.Signal();
    }
}
