using System.Net;
using System.Net.Sockets;
using ClusterActors.Linux;
using ClusterActors.Linux.Sockets;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Guardian.Beats;

/// <summary>
/// The way to the witness: a socket for each address family, and its endpoints. Empty when no witness is configured. An address family that this
/// machine does not have is left out, with a sentence: beats between the servers must not depend on it.
/// </summary>
internal sealed class WitnessChannel : IDisposable
{
    private readonly NativeEndpoint[] _endpoints;
    private readonly int[] _socketOf;

    private WitnessChannel(UdpBeatSocket[] sockets, NativeEndpoint[] endpoints, int[] socketOf, IReadOnlyList<string> problems) =>
        (Sockets, _endpoints, _socketOf, Problems) = (sockets, endpoints, socketOf, problems);

    /// <summary>To be polled and drained.</summary>
    public UdpBeatSocket[] Sockets { get; }

    /// <summary>Addresses of the witness that are asked.</summary>
    public int Count => _endpoints.Length;

    /// <summary>Addresses that cannot be asked, and why.</summary>
    public IReadOnlyList<string> Problems { get; }

    public static WitnessChannel Open(GuardianSettings settings)
    {
        var sockets = new List<UdpBeatSocket>();
        var families = new List<AddressFamily>();
        var endpoints = new List<NativeEndpoint>();
        var socketOf = new List<int>();
        var problems = new List<string>();
        foreach (IPEndPoint endpoint in settings.WitnessEndpoints)
        {
            if (!families.Contains(endpoint.AddressFamily))
            {
                try
                {
                    sockets.Add(OpenSocket(endpoint.AddressFamily));
                }
                catch (LinuxException e)
                {
                    problems.Add($"witness {endpoint}: {e.Message}; it is not asked on this address");
                    continue;
                }

                families.Add(endpoint.AddressFamily);
            }

            socketOf.Add(families.IndexOf(endpoint.AddressFamily));
            endpoints.Add(NativeEndpoint.From(endpoint));
        }

        return new WitnessChannel([.. sockets], [.. endpoints], [.. socketOf], problems);
    }

    /// <summary>0, or the errno.</summary>
    public int Send(int endpoint, ReadOnlySpan<byte> request) => Sockets[_socketOf[endpoint]].Send(request, in _endpoints[endpoint]);

    public void Dispose()
    {
        foreach (UdpBeatSocket socket in Sockets)
            socket.Dispose();
    }

    private static UdpBeatSocket OpenSocket(AddressFamily family) =>
        new(new UdpBeatSocketOptions(new IPEndPoint(family == AddressFamily.InterNetworkV6 ? IPAddress.IPv6Any : IPAddress.Any, 0)));
}
