using System.Net;
using ClusterActors.Guardian.Beats.Devices;
using ClusterActors.Linux.Sockets;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Guardian.Beats;

/// <summary>
/// The sockets of all LAN networks with the peers' endpoints, laid out in arrays for the beat thread, and the channels over devices.
/// </summary>
internal sealed class BeatChannels : IDisposable
{
    private readonly NativeEndpoint[] _endpoints;

    private BeatChannels(UdpBeatSocket[] sockets, byte[] networks, (int Socket, byte Peer)[] channels, NativeEndpoint[] endpoints,
        DeviceChannel[] devices)
    {
        Devices = devices;
        Sockets = sockets;
        Networks = networks;
        Channels = channels;
        _endpoints = endpoints;
    }

    /// <summary>One socket a network.</summary>
    public UdpBeatSocket[] Sockets { get; }

    /// <summary>Network index of each socket.</summary>
    public byte[] Networks { get; }

    /// <summary>Disk and serial channels; each has a thread of its own.</summary>
    public DeviceChannel[] Devices { get; }

    /// <summary>One entry for each peer on each network.</summary>
    public (int Socket, byte Peer)[] Channels { get; }

    public ref readonly NativeEndpoint Endpoint(int channel) => ref _endpoints[channel];

    /// <summary>Binds the sockets and starts the threads of the devices, which open theirs when they can.</summary>
    /// <param name="devicePriority">Real-time priority of the devices' threads; 0 = ordinary.</param>
    public static BeatChannels Open(GuardianSettings settings, int devicePriority = 0)
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

        DeviceChannel[] devices =
        [
            .. settings.Disks.Where(d => d.Peers.Count > 0).Select(d => new DiskChannel(settings, d, devicePriority)),
            .. settings.Serials.Select(s => new SerialChannel(settings, s, devicePriority)),
        ];
        foreach (DeviceChannel device in devices)
            device.Start();
        return new BeatChannels([.. sockets], [.. networks], [.. channels], [.. endpoints], devices);
    }

    public void Dispose()
    {
        foreach (UdpBeatSocket socket in Sockets)
            socket.Dispose();
        foreach (DeviceChannel device in Devices)
            device.Dispose();
    }
}
