using System.Net.Sockets;
using System.Text;
using ClusterActors.Cluster.Events;
using ClusterActors.Model.Events;

namespace ClusterActors.Node.Events;

/// <summary>
/// Events whose catalogue entry says so, to the local syslog socket (RFC 3164 form, facility daemon). Non-blocking: a syslog that is
/// absent or full loses the line, which is in the event file all the same.
/// </summary>
internal sealed class SyslogEventSink(string socketPath) : IEventSink, IDisposable
{
    private const int FacilityDaemon = 3 << 3;
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { Blocking = false };

    public void Write(ClusterEvent raised, EventDefinition definition)
    {
        if (!definition.Routes.HasFlag(EventRoutes.Syslog) || !File.Exists(socketPath))
            return;
        var text = $"<{FacilityDaemon | Severity(raised.Level)}>clp[{Environment.ProcessId}]: ({raised.Key.Module} {raised.Key.Id}) {raised.Render(EventCatalogue.Default, EventLanguage.English)}";
        try
        {
            _socket.SendTo(Encoding.UTF8.GetBytes(text), new UnixDomainSocketEndPoint(socketPath));
        }
        catch (SocketException)
        {
            // See the summary: the event file has it.
        }
    }

    public IReadOnlyList<ClusterEvent> ReadTail(int max) => [];

    public void Dispose() => _socket.Dispose();

    private static int Severity(EventLevel level) => level switch
    {
        EventLevel.Error => 3,
        EventLevel.Warning => 4,
        _ => 6,
    };
}
