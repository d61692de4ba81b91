using System.Net;

namespace ClusterActors.Model.Guardian;

/// <summary>A program the guardian holds.</summary>
public sealed record ProgramEntry(string Ticket, Term Term, string Group, string Resource, bool Helper, int ProcessId, TimeSpan RunningFor);

/// <summary>An address the guardian holds.</summary>
public sealed record AddressEntry(string Ticket, Term Term, string Group, string Resource, IPAddress Address, string Device);

/// <summary>
/// Everything a restarted <c>clpd</c> needs: what the guardian holds, the state of every peer and channel, term and grant.
/// Ends that happened while no daemon was connected are in <see cref="Exited"/> (newest 64) so that none is missed.
/// </summary>
public sealed record GuardianTable(
    Term Term, uint ExcludedServers, GrantState Grant, GuardianFlags Flags, IReadOnlyList<ProgramEntry> Programs,
    IReadOnlyList<ProgramExited> Exited, IReadOnlyList<AddressEntry> Addresses, IReadOnlyList<PeerChanged> Peers,
    IReadOnlyList<ChannelChanged> Channels)
{
    /// <summary>Devices of the disk and serial channels.</summary>
    public IReadOnlyList<ChannelDevice> Devices { get; init; } = [];

    /// <summary>What the grant rests on.</summary>
    public VotingState Voting { get; init; } = VotingState.None;

    /// <summary>The table as the data of a <see cref="Reply"/>.</summary>
    public byte[] Encode()
    {
        var buffer = new byte[GuardianCodec.MaxFrameSize - GuardianCodec.HeaderSize - 64];
        var w = new FrameWriter(buffer);
        w.Term(Term);
        w.UInt32(ExcludedServers);
        w.Byte((byte)Grant);
        w.UInt16((ushort)Flags);
        w.Count(Programs.Count);
        foreach (ProgramEntry program in Programs)
        {
            w.Text(program.Ticket);
            w.Term(program.Term);
            w.Text(program.Group);
            w.Text(program.Resource);
            w.Bool(program.Helper);
            w.Int32(program.ProcessId);
            w.Duration(program.RunningFor);
        }

        w.Count(Exited.Count);
        foreach (ProgramExited exited in Exited)
            exited.Write(ref w);
        w.Count(Addresses.Count);
        foreach (AddressEntry address in Addresses)
        {
            w.Text(address.Ticket);
            w.Term(address.Term);
            w.Text(address.Group);
            w.Text(address.Resource);
            w.Address(address.Address);
            w.Text(address.Device);
        }

        w.Count(Peers.Count);
        foreach (PeerChanged peer in Peers)
            peer.Write(ref w);
        w.Count(Channels.Count);
        foreach (ChannelChanged channel in Channels)
            channel.Write(ref w);
        w.Count(Devices.Count);
        foreach (ChannelDevice device in Devices)
            device.Write(ref w);
        Voting.Write(ref w);
        return buffer[..w.Position];
    }

    /// <summary>Reads <see cref="Encode"/>'s bytes; throws <see cref="GuardianFormatException"/>.</summary>
    public static GuardianTable Decode(ReadOnlySpan<byte> data)
    {
        var r = new FrameReader(data);
        Term term = r.Term();
        uint excluded = r.UInt32();
        var grant = (GrantState)r.Byte();
        var flags = (GuardianFlags)r.UInt16();
        var programs = new ProgramEntry[r.UInt16()];
        for (int i = 0; i < programs.Length; i++)
            programs[i] = new ProgramEntry(r.Text(), r.Term(), r.Text(), r.Text(), r.Bool(), r.Int32(), r.Duration());
        var exited = new ProgramExited[r.UInt16()];
        for (int i = 0; i < exited.Length; i++)
            exited[i] = ProgramExited.Read(ref r);
        var addresses = new AddressEntry[r.UInt16()];
        for (int i = 0; i < addresses.Length; i++)
            addresses[i] = new AddressEntry(r.Text(), r.Term(), r.Text(), r.Text(), Guardian.Addresses.Required(ref r), r.Text());
        var peers = new PeerChanged[r.UInt16()];
        for (int i = 0; i < peers.Length; i++)
            peers[i] = PeerChanged.Read(ref r);
        var channels = new ChannelChanged[r.UInt16()];
        for (int i = 0; i < channels.Length; i++)
            channels[i] = ChannelChanged.Read(ref r);
        var devices = new ChannelDevice[r.Remaining == 0 ? 0 : r.UInt16()];
        for (int i = 0; i < devices.Length; i++)
            devices[i] = ChannelDevice.Read(ref r);
        VotingState voting = r.Remaining == 0 ? VotingState.None : VotingState.Read(ref r);
        return new GuardianTable(term, excluded, grant, flags, programs, exited, addresses, peers, channels) { Devices = devices, Voting = voting };
    }
}
