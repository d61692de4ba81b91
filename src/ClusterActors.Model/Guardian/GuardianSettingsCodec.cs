using System.Buffers.Binary;
using System.Net;
using System.Security.Cryptography;

namespace ClusterActors.Model.Guardian;

/// <summary>
/// The settings record as bytes: magic <c>CLPG</c>, u16 version, u16 zero, u32 length of the body, body, then SHA-256 of all
/// before it. Version 1 is written while nobody is asked for votes and no watchdog is fed, so that a release that knows only it can still read the record; version 2
/// adds the voting fields and the watchdog at the end. The scheduling error is the last of either; a reader that does not know it leaves it unread. Read completely and checked before any of it is used; a damaged file is refused, never half believed.
/// </summary>
public static class GuardianSettingsCodec
{
    /// <summary>Largest encoded record; also what fits one frame.</summary>
    public const int MaxSize = 48 * 1024;

    private const uint Magic = 0x47504C43;
    private const ushort Version = 2;
    private const ushort FirstVersion = 1;
    private const int HeaderSize = 12;
    private const int HashSize = 32;

    /// <summary>Encodes; throws <see cref="GuardianFormatException"/> above <see cref="MaxSize"/>.</summary>
    public static byte[] Encode(GuardianSettings settings)
    {
        var buffer = new byte[MaxSize];
        var w = new FrameWriter(buffer.AsSpan(HeaderSize, MaxSize - HeaderSize - HashSize));
        WriteBody(ref w, settings);
        int end = HeaderSize + w.Position;
        BinaryPrimitives.WriteUInt32LittleEndian(buffer, Magic);
        BinaryPrimitives.WriteUInt16LittleEndian(buffer.AsSpan(4), IsVersionTwo(settings) ? Version : FirstVersion);
        BinaryPrimitives.WriteInt32LittleEndian(buffer.AsSpan(8), w.Position);
        SHA256.HashData(buffer.AsSpan(0, end), buffer.AsSpan(end, HashSize));
        return buffer[..(end + HashSize)];
    }

    /// <summary>Decodes and validates; throws <see cref="GuardianFormatException"/> naming what was found.</summary>
    public static GuardianSettings Decode(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < HeaderSize + HashSize || BinaryPrimitives.ReadUInt32LittleEndian(bytes) != Magic)
            throw new GuardianFormatException($"guardian settings: {bytes.Length} bytes that do not start with CLPG: not a settings record");
        ushort version = BinaryPrimitives.ReadUInt16LittleEndian(bytes[4..]);
        if (version is not (Version or FirstVersion))
            throw new GuardianFormatException($"guardian settings: version {version}; {FirstVersion} and {Version} are known: install the matching release");
        int size = BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]);
        if (size != bytes.Length - HeaderSize - HashSize)
            throw new GuardianFormatException($"guardian settings: body of {size} bytes in a record of {bytes.Length}: truncated or damaged");
        Span<byte> hash = stackalloc byte[HashSize];
        SHA256.HashData(bytes[..^HashSize], hash);
        if (!hash.SequenceEqual(bytes[^HashSize..]))
            throw new GuardianFormatException("guardian settings: checksum differs: damaged; 'clpd' writes it anew at its next start");
        var r = new FrameReader(bytes.Slice(HeaderSize, size));
        GuardianSettings settings = ReadBody(ref r);
        if (version == Version)
            settings = ReadWatchdog(ref r, ReadVoting(ref r, settings));
        settings = ReadSchedulingError(ref r, settings);
        IReadOnlyList<string> problems = settings.Validate();
        return problems.Count == 0 ? settings : throw new GuardianFormatException(string.Join("; ", problems));
    }

    private static void WriteBody(ref FrameWriter w, GuardianSettings s)
    {
        w.Text(s.ClusterName);
        w.Guid(s.ClusterId);
        w.Bytes(s.Key);
        w.Byte(s.OwnIndex);
        w.Count(s.Servers.Count);
        foreach (GuardianServer server in s.Servers)
        {
            w.Byte(server.Index);
            w.Text(server.Name);
        }

        w.Count(s.Networks.Count);
        foreach (GuardianNetwork network in s.Networks)
        {
            w.Byte(network.Index);
            w.Text(network.Name);
            w.Address(network.OwnAddress);
            w.UInt16(network.Port);
            w.Count(network.Peers.Count);
            foreach (GuardianPeerAddress peer in network.Peers)
            {
                w.Byte(peer.ServerIndex);
                w.Address(peer.Address);
            }
        }

        w.Duration(s.Interval);
        w.Duration(s.Timeout);
        w.Duration(s.Grant);
        w.Duration(s.KillDelay);
        w.Int32(s.Ratio);
        w.Byte((byte)s.Policy);
        w.Byte((byte)s.Fence);
        w.UInt64(s.ConfigHash);
        w.Text(s.DaemonPath);
        w.Texts(s.DaemonArguments);
        w.Duration(s.SignInterval);
        w.Duration(s.HangLimit);
        w.Duration(s.DaemonRestartLimit);
        w.Duration(s.StopLimit);
        bool judgesLateness = s.SchedulingError > TimeSpan.Zero;
        if (HasChannels(s) || IsVersionTwo(s) || judgesLateness)
            WriteChannels(ref w, s);
        if (IsVersionTwo(s))
        {
            WriteVoting(ref w, s);
            if (s.WatchdogDevice.Length > 0 || judgesLateness)
                WriteWatchdog(ref w, s);
        }

        if (judgesLateness)
            w.Duration(s.SchedulingError);
    }

    private static bool HasChannels(GuardianSettings s) => s.Disks.Count + s.Serials.Count > 0;

    /// <summary>At the end, so that a guardian that does not know them still reads the rest.</summary>
    private static void WriteChannels(ref FrameWriter w, GuardianSettings s)
    {
        w.Count(s.Disks.Count);
        foreach (GuardianDisk disk in s.Disks)
        {
            w.Byte(disk.Index);
            w.Text(disk.Name);
            w.Text(disk.Device);
            w.Duration(disk.Interval);
            w.Bytes(disk.Peers.ToArray());
        }

        w.Count(s.Serials.Count);
        foreach (GuardianSerial serial in s.Serials)
        {
            w.Byte(serial.Index);
            w.Text(serial.Name);
            w.Text(serial.Device);
            w.Int32(serial.Speed);
            w.Duration(serial.Interval);
            w.Byte(serial.Peer);
        }
    }

    private static bool IsVersionTwo(GuardianSettings s) => s.Voting != VotingMode.None || s.Arbiter != VotingArbiter.None || s.WatchdogDevice.Length > 0;

    private static void WriteVoting(ref FrameWriter w, GuardianSettings s)
    {
        w.Byte((byte)s.Voting);
        w.Byte((byte)s.Arbiter);
        w.Text(s.ArbiterName);
        w.Count(s.WitnessEndpoints.Count);
        foreach (IPEndPoint endpoint in s.WitnessEndpoints)
        {
            w.Address(endpoint.Address);
            w.UInt16((ushort)endpoint.Port);
        }

        w.Duration(s.ArbiterLostAfter);
    }

    private static GuardianSettings ReadVoting(ref FrameReader r, GuardianSettings settings)
    {
        var voting = (VotingMode)r.Byte();
        var arbiter = (VotingArbiter)r.Byte();
        string name = r.Text();
        var endpoints = new IPEndPoint[r.UInt16()];
        for (int i = 0; i < endpoints.Length; i++)
            endpoints[i] = new IPEndPoint(RequiredAddress(ref r), r.UInt16());
        return settings with { Voting = voting, Arbiter = arbiter, ArbiterName = name, WitnessEndpoints = endpoints, ArbiterLostAfter = r.Duration() };
    }

    private static void WriteWatchdog(ref FrameWriter w, GuardianSettings s)
    {
        w.Text(s.WatchdogDevice);
        w.Duration(s.WatchdogTimeout);
    }

    private static GuardianSettings ReadWatchdog(ref FrameReader r, GuardianSettings settings) =>
        r.Remaining == 0 ? settings : settings with { WatchdogDevice = r.Text(), WatchdogTimeout = r.Duration() };

    private static GuardianSettings ReadSchedulingError(ref FrameReader r, GuardianSettings settings) =>
        r.Remaining == 0 ? settings : settings with { SchedulingError = r.Duration() };

    private static GuardianSettings ReadBody(ref FrameReader r)
    {
        string name = r.Text();
        Guid id = r.Guid();
        byte[] key = r.Bytes();
        byte own = r.Byte();
        var servers = new GuardianServer[r.UInt16()];
        for (int i = 0; i < servers.Length; i++)
            servers[i] = new GuardianServer(r.Byte(), r.Text());
        var networks = new GuardianNetwork[r.UInt16()];
        for (int i = 0; i < networks.Length; i++)
            networks[i] = ReadNetwork(ref r);
        return new GuardianSettings
        {
            ClusterName = name,
            ClusterId = id,
            Key = key,
            OwnIndex = own,
            Servers = servers,
            Networks = networks,
            Interval = r.Duration(),
            Timeout = r.Duration(),
            Grant = r.Duration(),
            KillDelay = r.Duration(),
            Ratio = r.Int32(),
            Policy = (PartitionPolicy)r.Byte(),
            Fence = (FenceChoice)r.Byte(),
            ConfigHash = r.UInt64(),
            DaemonPath = r.Text(),
            DaemonArguments = r.Texts(),
            SignInterval = r.Duration(),
            HangLimit = r.Duration(),
            DaemonRestartLimit = r.Duration(),
            StopLimit = r.Duration(),
            Disks = ReadDisks(ref r),
            Serials = ReadSerials(ref r),
        };
    }

    /// <summary>A record from before there were such channels ends here.</summary>
    private static GuardianDisk[] ReadDisks(ref FrameReader r)
    {
        var disks = new GuardianDisk[r.Remaining == 0 ? 0 : r.UInt16()];
        for (int i = 0; i < disks.Length; i++)
            disks[i] = new GuardianDisk(r.Byte(), r.Text(), r.Text(), r.Duration(), r.Bytes());
        return disks;
    }

    private static GuardianSerial[] ReadSerials(ref FrameReader r)
    {
        var serials = new GuardianSerial[r.Remaining == 0 ? 0 : r.UInt16()];
        for (int i = 0; i < serials.Length; i++)
            serials[i] = new GuardianSerial(r.Byte(), r.Text(), r.Text(), r.Int32(), r.Duration(), r.Byte());
        return serials;
    }

    private static GuardianNetwork ReadNetwork(ref FrameReader r)
    {
        byte index = r.Byte();
        string name = r.Text();
        IPAddress own = RequiredAddress(ref r);
        ushort port = r.UInt16();
        var peers = new GuardianPeerAddress[r.UInt16()];
        for (int i = 0; i < peers.Length; i++)
            peers[i] = new GuardianPeerAddress(r.Byte(), RequiredAddress(ref r));
        return new GuardianNetwork(index, name, own, port, peers);
    }

    private static IPAddress RequiredAddress(ref FrameReader r) =>
        r.Address() ?? throw new GuardianFormatException("guardian settings: a network without an address: damaged");
}
