using System.Buffers.Binary;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace ClusterActors.Linux.Net;

/// <summary>
/// Interfaces, addresses and neighbours through rtnetlink(7), in the network namespace of the thread that made the object.
/// Not thread-safe; every request waits at most 2 s. Errors are <see cref="NetworkException"/>.
/// What it adds carries a tag (<see cref="Tag"/>; for IPv4 also the label <c>dev:clp</c>), so that a restarted guardian finds it again.
/// </summary>
public sealed class NetlinkSocket : IDisposable
{
    /// <summary>IFA_PROTO and NDA_PROTOCOL value of everything added here ('C'; the kernel itself uses 0 to 3).</summary>
    public const byte Tag = 67;

    private const string LabelSuffix = ":clp";
    private const int LabelBytes = 15;
    private const ushort NewLinkType = 16;
    private const ushort NewAddress = 20;
    private const ushort DeleteAddressType = 21;
    private const ushort NewNeighbour = 28;
    private const ushort DeleteNeighbour = 29;
    private const uint NoDuplicateDetection = 0x02;
    private const uint NoPrefixRoute = 0x200;
    private const uint Forever = uint.MaxValue;

    private readonly NetlinkTransport _transport = new(NetlinkTransport.Route, "rtnetlink");
    private readonly NetlinkWriter _writer = new();

    public IReadOnlyList<LinkInfo> ListLinks()
    {
        var links = new List<LinkInfo>();
        _writer.Clear();
        _writer.Begin(18, NetlinkWriter.FlagDump);
        _writer.Reserve(16);
        _writer.End();
        _transport.Dump(_writer, (type, body) => { if (type == NewLinkType) links.Add(ReadLink(body)); }, links.Clear, "cannot list interfaces");
        return links;
    }

    public LinkInfo? FindLink(string name) => ListLinks().FirstOrDefault(link => link.Name == name);

    /// <exception cref="NetworkException">There is no such interface; the message lists those that exist.</exception>
    public LinkInfo GetLink(string name)
    {
        var links = ListLinks();
        return links.FirstOrDefault(link => link.Name == name)
            ?? throw new NetworkException("rtnetlink", $"interface {name} does not exist; there are {string.Join(", ", links.Select(link => link.Name))}");
    }

    public IReadOnlyList<InterfaceAddress> ListAddresses()
    {
        var addresses = new List<InterfaceAddress>();
        _writer.Clear();
        _writer.Begin(22, NetlinkWriter.FlagDump);
        _writer.Reserve(8);
        _writer.End();
        _transport.Dump(_writer, (type, body) => { if (type == NewAddress) addresses.Add(ReadAddress(body)); }, addresses.Clear, "cannot list addresses");
        return addresses;
    }

    /// <summary>
    /// The interface with an own (untagged) address whose subnet contains <paramref name="address"/>, the narrowest subnet first; null when none has.
    /// </summary>
    public LinkInfo? FindLinkBySubnet(IPAddress address)
    {
        var best = ListAddresses()
            .Where(own => !IsTagged(own) && own.SubnetContains(address) && !(own.Address.IsIPv6LinkLocal && !address.IsIPv6LinkLocal))
            .OrderByDescending(own => own.PrefixLength).FirstOrDefault();
        return best is null ? null : ListLinks().FirstOrDefault(link => link.Index == best.InterfaceIndex);
    }

    /// <summary>
    /// Adds the address as /32 or /128 (IPv6 with nodad and noprefixroute), tagged. Adding it again refreshes its life.
    /// </summary>
    /// <param name="validFor">The kernel removes the address when this has passed without a refresh; whole seconds, rounded up; null = for ever.</param>
    public void AddAddress(LinkInfo link, IPAddress address, TimeSpan? validFor = null)
    {
        _writer.Clear();
        _writer.Begin(NewAddress, NetlinkWriter.FlagAck | NetlinkWriter.FlagCreate | NetlinkWriter.FlagReplace);
        WriteAddressHeader(link.Index, address);
        _writer.AttributeAddress(2, address);
        if (address.AddressFamily == AddressFamily.InterNetwork)
        {
            _writer.AttributeAddress(1, address);
            _writer.AttributeText(3, LabelFor(link.Name));
        }
        _writer.AttributeU32(8, address.AddressFamily == AddressFamily.InterNetworkV6 ? NoDuplicateDetection | NoPrefixRoute : NoPrefixRoute);
        _writer.AttributeByte(11, Tag);
        var life = _writer.Reserve(20);
        BinaryPrimitives.WriteUInt16LittleEndian(life, 20);
        BinaryPrimitives.WriteUInt16LittleEndian(life[2..], 6);
        var seconds = validFor is { } limit ? (uint)Math.Max(1, Math.Ceiling(limit.TotalSeconds)) : Forever;
        BinaryPrimitives.WriteUInt32LittleEndian(life[4..], seconds);
        BinaryPrimitives.WriteUInt32LittleEndian(life[8..], seconds);
        _writer.End();
        _transport.Request(_writer, $"cannot add {address} to {link.Name}");
    }

    /// <summary>Removes the /32 or /128. Returns false when it was not there (so a repeated stop succeeds).</summary>
    public bool RemoveAddress(LinkInfo link, IPAddress address)
    {
        _writer.Clear();
        _writer.Begin(DeleteAddressType, NetlinkWriter.FlagAck);
        WriteAddressHeader(link.Index, address);
        _writer.AttributeAddress(2, address);
        _writer.AttributeAddress(1, address);
        _writer.End();
        var errno = _transport.Request(_writer, out var text);
        if (errno is Errno.EADDRNOTAVAIL or Errno.ENODEV) return false;
        if (errno != 0) throw new NetworkException("rtnetlink", $"cannot remove {address} from {link.Name}", errno, text);
        return true;
    }

    /// <summary>The addresses this product added, whichever process did. IPv6 ones are found on kernels that keep IFA_PROTO (5.18 and later) only.</summary>
    public IReadOnlyList<InterfaceAddress> ListTagged() => [.. ListAddresses().Where(IsTagged)];

    /// <summary>Start-up clean-up: removes every tagged address and neighbour entry and returns the addresses.</summary>
    public IReadOnlyList<InterfaceAddress> RemoveTagged()
    {
        var links = ListLinks();
        var tagged = ListTagged();
        foreach (var own in tagged)
        {
            if (links.FirstOrDefault(link => link.Index == own.InterfaceIndex) is { } link) RemoveAddress(link, own.Address);
        }
        foreach (var neighbour in ListNeighbours().Where(entry => entry.Protocol == Tag)) RemoveNeighbour(neighbour.InterfaceIndex, neighbour.Address);
        var left = ListTagged();
        if (left.Count > 0) throw new NetworkException("rtnetlink", $"{left.Count} cluster addresses are still there after removal: {string.Join(", ", left.Select(own => own.Address))}");
        return tagged;
    }

    public static bool IsTagged(InterfaceAddress address) =>
        address.Protocol == Tag || address.Label.EndsWith(LabelSuffix, StringComparison.Ordinal);

    /// <summary>
    /// Tagged, or, for IPv6 on kernels that keep no tag, added as <see cref="AddAddress"/> does: /128, no prefix route, with an end of its life. What is
    /// not, somebody else put there.
    /// </summary>
    public static bool MayBeOurs(InterfaceAddress address) =>
        IsTagged(address) || (address is { Protocol: 0, PrefixLength: 128, ValidFor: not null } && (address.Flags & NoPrefixRoute) != 0);

    public IReadOnlyList<NeighbourInfo> ListNeighbours()
    {
        var neighbours = new List<NeighbourInfo>();
        _writer.Clear();
        _writer.Begin(30, NetlinkWriter.FlagDump);
        _writer.Reserve(12);
        _writer.End();
        _transport.Dump(_writer, (type, body) => { if (type == NewNeighbour && ReadNeighbour(body) is { } entry) neighbours.Add(entry); }, neighbours.Clear, "cannot list neighbours");
        return neighbours;
    }

    /// <summary>
    /// Has the kernel keep the link address of a neighbour known: the entry is resolved at once, is never dropped to make room for others
    /// (NTF_EXT_LEARNED), and is confirmed and resolved anew by the kernel itself (NTF_EXT_MANAGED, kernel 5.16; before, each further call
    /// has a stale one confirmed by NTF_USE). Tagged. Not permanent on purpose: when the neighbour gets another link address the kernel
    /// follows, while a permanent entry would send to the old one for ever. Calling it again is free of harm.
    /// </summary>
    public void KeepNeighbour(LinkInfo link, IPAddress address)
    {
        const byte use = 0x01;
        const byte externallyLearned = 0x10;
        const uint managed = 0x01;
        _writer.Clear();
        _writer.Begin(NewNeighbour, NetlinkWriter.FlagAck | NetlinkWriter.FlagCreate | NetlinkWriter.FlagReplace);
        WriteNeighbourHeader(link.Index, address, 0, use | externallyLearned);
        _writer.AttributeAddress(1, address);
        _writer.AttributeByte(12, Tag);
        _writer.AttributeU32(15, managed);
        _writer.End();
        _transport.Request(_writer, $"cannot keep neighbour {address} on {link.Name}");
    }

    /// <summary>Returns false when there was none.</summary>
    public bool RemoveNeighbour(int interfaceIndex, IPAddress address)
    {
        _writer.Clear();
        _writer.Begin(DeleteNeighbour, NetlinkWriter.FlagAck);
        WriteNeighbourHeader(interfaceIndex, address, 0);
        _writer.AttributeAddress(1, address);
        _writer.End();
        var errno = _transport.Request(_writer, out var text);
        if (errno is Errno.ENOENT or Errno.ENODEV) return false;
        if (errno != 0) throw new NetworkException("rtnetlink", $"cannot remove neighbour {address}", errno, text);
        return true;
    }

    public void Dispose() => _transport.Dispose();

    private static string LabelFor(string device) =>
        (device.Length + LabelSuffix.Length <= LabelBytes ? device : device[..(LabelBytes - LabelSuffix.Length)]) + LabelSuffix;

    private void WriteAddressHeader(int interfaceIndex, IPAddress address)
    {
        var header = _writer.Reserve(8);
        var version6 = address.AddressFamily == AddressFamily.InterNetworkV6;
        header[0] = version6 ? (byte)NetNative.AfInet6 : (byte)NetNative.AfInet;
        header[1] = version6 ? (byte)128 : (byte)32;
        if (version6) header[2] = (byte)NoDuplicateDetection;
        BinaryPrimitives.WriteInt32LittleEndian(header[4..], interfaceIndex);
    }

    private void WriteNeighbourHeader(int interfaceIndex, IPAddress address, ushort state, byte flags = 0)
    {
        var header = _writer.Reserve(12);
        header[0] = address.AddressFamily == AddressFamily.InterNetworkV6 ? (byte)NetNative.AfInet6 : (byte)NetNative.AfInet;
        BinaryPrimitives.WriteInt32LittleEndian(header[4..], interfaceIndex);
        BinaryPrimitives.WriteUInt16LittleEndian(header[8..], state);
        header[10] = flags;
    }

    private static LinkInfo ReadLink(ReadOnlySpan<byte> body)
    {
        var name = "";
        var mac = PhysicalAddress.None;
        var mtu = 0;
        var attributes = new NetlinkAttributes(body[16..]);
        while (attributes.Next())
        {
            if (attributes.Type == 3) name = attributes.Text;
            else if (attributes.Type == 1) mac = new PhysicalAddress(attributes.Value.ToArray());
            else if (attributes.Type == 4) mtu = (int)attributes.U32;
        }
        return new LinkInfo(BinaryPrimitives.ReadInt32LittleEndian(body[4..]), name, BinaryPrimitives.ReadUInt32LittleEndian(body[8..]),
            BinaryPrimitives.ReadUInt16LittleEndian(body[2..]), mac, mtu);
    }

    private static InterfaceAddress ReadAddress(ReadOnlySpan<byte> body)
    {
        IPAddress? address = null;
        IPAddress? local = null;
        uint flags = body[2];
        byte protocol = 0;
        var label = "";
        TimeSpan? valid = null;
        var attributes = new NetlinkAttributes(body[8..]);
        while (attributes.Next())
        {
            switch (attributes.Type)
            {
                case 1: address = new IPAddress(attributes.Value); break;
                case 2: local = new IPAddress(attributes.Value); break;
                case 3: label = attributes.Text; break;
                case 6:
                    var seconds = BinaryPrimitives.ReadUInt32LittleEndian(attributes.Value[4..]);
                    valid = seconds == Forever ? null : TimeSpan.FromSeconds(seconds);
                    break;
                case 8: flags = attributes.U32; break;
                case 11: protocol = attributes.Value[0]; break;
            }
        }
        return new InterfaceAddress(BinaryPrimitives.ReadInt32LittleEndian(body[4..]), local ?? address ?? IPAddress.None, body[1], flags, protocol, label, valid);
    }

    private static NeighbourInfo? ReadNeighbour(ReadOnlySpan<byte> body)
    {
        IPAddress? address = null;
        var mac = PhysicalAddress.None;
        byte protocol = 0;
        var attributes = new NetlinkAttributes(body[12..]);
        while (attributes.Next())
        {
            if (attributes.Type == 1 && attributes.Value.Length is 4 or 16) address = new IPAddress(attributes.Value);
            else if (attributes.Type == 2) mac = new PhysicalAddress(attributes.Value.ToArray());
            else if (attributes.Type == 12) protocol = attributes.Value[0];
        }
        return address is null ? null : new NeighbourInfo(BinaryPrimitives.ReadInt32LittleEndian(body[4..]), address, mac, BinaryPrimitives.ReadUInt16LittleEndian(body[8..]), protocol, body[10]);
    }
}
