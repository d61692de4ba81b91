using System.Buffers.Binary;
using System.Net;

namespace ClusterActors.Linux.Net.Nftables;

/// <summary>nf_tables address families.</summary>
internal enum NftFamily : byte
{
    Unspecified = 0,
    Inet = 1,
    Arp = 3,
    Netdev = 5,
}

/// <summary>The two sides of a set element change.</summary>
internal enum NftElements : ushort
{
    Add = 12,
    Delete = 14,
}

/// <summary>
/// One nf_tables transaction laid out as the kernel wants it (linux/netfilter/nf_tables.h): all of it happens or nothing.
/// Only <see cref="Finish"/>'s last change asks for an acknowledgement; a failing message always answers.
/// </summary>
internal sealed class NftBatch
{
    public const int Drop = 0;
    public const int Accept = 1;
    private const int Subsystem = 10;
    private const uint SetAnonymousNone = 0;
    private const uint SetHasTimeout = 0x10;

    private readonly NetlinkWriter _writer;
    private int _lastMessage;
    private uint _setId;

    public NftBatch(int capacityBytes = 16 * 1024) => _writer = new NetlinkWriter(capacityBytes);

    public NetlinkWriter Writer => _writer;

    public void Start()
    {
        _writer.Clear();
        BatchMarker(0x10);
    }

    public void Finish()
    {
        var flags = _writer.Buffer.AsSpan(_lastMessage + 6);
        BinaryPrimitives.WriteUInt16LittleEndian(flags, (ushort)(BinaryPrimitives.ReadUInt16LittleEndian(flags) | NetlinkWriter.FlagAck));
        BatchMarker(0x11);
    }

    public void AddTable(NftFamily family, string table)
    {
        Begin(0, family, NetlinkWriter.FlagCreate);
        _writer.AttributeText(1, table);
        _writer.End();
    }

    public void DeleteTable(NftFamily family, string table)
    {
        Begin(2, family, 0);
        _writer.AttributeText(1, table);
        _writer.End();
    }

    public void AddBaseChain(NftFamily family, string table, string chain, int hook, int priority, IReadOnlyList<string>? devices = null)
    {
        Begin(3, family, NetlinkWriter.FlagCreate);
        _writer.AttributeText(1, table);
        _writer.AttributeText(3, chain);
        var nested = _writer.BeginNested(4);
        _writer.AttributeU32Big(1, (uint)hook);
        _writer.AttributeU32Big(2, unchecked((uint)priority));
        if (devices is { Count: 1 }) _writer.AttributeText(3, devices[0]);
        else if (devices is not null) WriteDevices(devices);
        _writer.EndNested(nested);
        _writer.AttributeU32Big(5, Accept);
        _writer.AttributeText(7, "filter");
        _writer.End();
    }

    /// <param name="keyType">nft's own number of the key type, so that the nft program prints elements readably: 7 IPv4, 8 IPv6, 2 family.</param>
    public void AddSet(NftFamily family, string table, string set, uint keyType, uint keyBytes, bool timeouts)
    {
        Begin(9, family, NetlinkWriter.FlagCreate);
        _writer.AttributeText(1, table);
        _writer.AttributeText(2, set);
        _writer.AttributeU32Big(3, timeouts ? SetHasTimeout : SetAnonymousNone);
        _writer.AttributeU32Big(4, keyType);
        _writer.AttributeU32Big(5, keyBytes);
        _writer.AttributeU32Big(10, ++_setId);
        _writer.End();
    }

    public void AddRule(NftFamily family, string table, string chain, Action<NftRule> expressions)
    {
        Begin(6, family, NetlinkWriter.FlagCreate | NetlinkWriter.FlagAppend);
        _writer.AttributeText(1, table);
        _writer.AttributeText(2, chain);
        var nested = _writer.BeginNested(4);
        expressions(new NftRule(_writer));
        _writer.EndNested(nested);
        _writer.End();
    }

    public void Element(NftElements change, NftFamily family, string table, string set, IPAddress address)
    {
        Span<byte> key = stackalloc byte[16];
        address.TryWriteBytes(key, out var length);
        BeginElements(change, family, table, set, out var list);
        WriteElement(key[..length], 0);
        EndElements(list);
    }

    /// <summary>Adds or deletes one-byte keys; returns the offsets of the timeout values for patching before each send.</summary>
    public IReadOnlyList<int> FamilyElements(NftElements change, NftFamily family, string table, string set, ReadOnlySpan<byte> keys, ulong timeoutMs)
    {
        var offsets = new List<int>();
        BeginElements(change, family, table, set, out var list);
        Span<byte> one = stackalloc byte[1];
        foreach (var key in keys)
        {
            one[0] = key;
            if (WriteElement(one, timeoutMs) is { } offset) offsets.Add(offset);
        }
        EndElements(list);
        return offsets;
    }

    /// <summary>Empties a set; expired elements do not stand in the way.</summary>
    public void FlushSet(NftFamily family, string table, string set)
    {
        Begin((ushort)NftElements.Delete, family, 0);
        _writer.AttributeText(1, table);
        _writer.AttributeText(2, set);
        _writer.End();
    }

    /// <summary>Starts a stand-alone dump request (outside a batch).</summary>
    public static void WriteDump(NetlinkWriter writer, ushort message, NftFamily family, string? table = null, string? secondName = null)
    {
        writer.Clear();
        writer.Begin((ushort)((Subsystem << 8) | message), NetlinkWriter.FlagDump);
        writer.Reserve(4)[0] = (byte)family;
        if (table is not null) writer.AttributeText(1, table);
        if (secondName is not null) writer.AttributeText(2, secondName);
        writer.End();
    }

    private void BeginElements(NftElements change, NftFamily family, string table, string set, out int list)
    {
        Begin((ushort)change, family, change == NftElements.Add ? NetlinkWriter.FlagCreate : (ushort)0);
        _writer.AttributeText(1, table);
        _writer.AttributeText(2, set);
        list = _writer.BeginNested(3);
    }

    private void EndElements(int list)
    {
        _writer.EndNested(list);
        _writer.End();
    }

    private int? WriteElement(ReadOnlySpan<byte> key, ulong timeoutMs)
    {
        int? offset = null;
        var element = _writer.BeginNested(1);
        var keyNest = _writer.BeginNested(1);
        _writer.Attribute(1, key);
        _writer.EndNested(keyNest);
        if (timeoutMs > 0) offset = _writer.AttributeU64Big(4, timeoutMs);
        _writer.EndNested(element);
        return offset;
    }

    private void WriteDevices(IReadOnlyList<string> devices)
    {
        var nested = _writer.BeginNested(4);
        foreach (var device in devices) _writer.AttributeText(1, device);
        _writer.EndNested(nested);
    }

    private void Begin(ushort message, NftFamily family, ushort flags)
    {
        _lastMessage = _writer.Begin((ushort)((Subsystem << 8) | message), flags);
        _writer.Reserve(4)[0] = (byte)family;
    }

    private void BatchMarker(ushort type)
    {
        _writer.Begin(type, 0);
        BinaryPrimitives.WriteUInt16BigEndian(_writer.Reserve(4)[2..], Subsystem);
        _writer.End();
    }
}
