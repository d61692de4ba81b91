using System.Net;
using ClusterActors.Linux.Sockets;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Guardian.Beats;

/// <summary>The sockets of all LAN networks with the peers' endpoints, laid out in arrays for the beat thread.</summary>
internal sealed class BeatChannels : IDisposable
{
    private readonly NativeEndpoint[] _endpoints;

    private BeatChannels(UdpBeatSocket[] sockets, byte[] networks, (int Socket, byte Peer)[] channels, NativeEndpoint[] endpoints)
    {
        Sockets = sockets;
        Networks = networks;
        Channels = channels;
        _endpoints = endpoints;
    }

    /// <summary>One socket a network.</summary>
    public UdpBeatSocket[] Sockets { get; }

    /// <summary>Network index of each socket.</summary>
    public byte[] Networks { get; }

    /// <summary>One entry for each peer on each network.</summary>
    public (int Socket, byte Peer)[] Channels { get; }

    public ref readonly NativeEndpoint Endpoint(int channel) => ref _endpoints[channel];

    public static BeatChannels Open(GuardianSettings settings)
    {
        var sockets = new List<UdpBeatSocket>();
        var networks = new List<byte>();
        var channels = new List<(int, byte)>();
        var endpoints = new List<NativeEndpoint>();
        try
        {
            foreach (GuardianNetwork network in settings.Networks)
            {
                sockets.Add(new UdpBeatSocket(new UdpBeatSocketOptions(new IPEndPoint(network.OwnAddress, network.Port))));
                networks.Add(network.Index);
                foreach (GuardianPeerAddress peer in network.Peers)
                {
                    channels.Add((sockets.Count - 1, peer.ServerIndex));
                    endpoints.Add(NativeEndpoint.From(new IPEndPoint(peer.Address, network.Port)));
                }
            }
        }
        catch
        {
            sockets.ForEach(s => s.Dispose());
            throw;
        }

        return new BeatChannels([.. sockets], [.. networks], [.. channels], [.. endpoints]);
    }

    public void Dispose()
    {
        foreach (UdpBeatSocket socket in Sockets)
            socket.Dispose();
    }
}
