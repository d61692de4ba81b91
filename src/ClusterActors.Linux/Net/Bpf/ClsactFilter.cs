using System.Buffers.Binary;

namespace ClusterActors.Linux.Net.Bpf;

/// <summary>Puts a program on an interface by a clsact qdisc and cls_bpf filters over rtnetlink: the way of kernels before 6.6. Filters stay without any process.</summary>
internal sealed class ClsactFilter(NetlinkTransport route)
{
    private const ushort NewQdisc = 36;
    private const ushort NewFilter = 44;
    private const ushort DeleteFilter = 45;
    private const ushort GetFilter = 46;
    private const uint ClsactParent = 0xFFFF_FFF1;
    private const uint ClsactHandle = 0xFFFF_0000;
    private const uint FilterHandle = 0xC1;
    private const uint Preference = 3;
    private const uint DirectAction = 1;
    private const uint AllProtocols = 0x0300; // ETH_P_ALL in network order

    private readonly NetlinkWriter _writer = new(1024);

    public static uint Parent(bool ingress) => ingress ? 0xFFFF_FFF2 : 0xFFFF_FFF3;

    /// <summary>Adds the filter or, atomically, replaces the program of the one that is there.</summary>
    public void Attach(int interfaceIndex, bool ingress, int programFd, string name)
    {
        Begin(NewQdisc, NetlinkWriter.FlagAck | NetlinkWriter.FlagCreate | NetlinkWriter.FlagExclusive, interfaceIndex, ClsactHandle, ClsactParent, 0);
        _writer.AttributeText(1, "clsact");
        _writer.End();
        var errno = route.Request(_writer, out var text);
        if (errno is not (0 or Errno.EEXIST)) throw new NetworkException("clsact", $"cannot add the qdisc to interface number {interfaceIndex}", errno, text);
        BeginFilter(NewFilter, NetlinkWriter.FlagAck | NetlinkWriter.FlagCreate, interfaceIndex, ingress);
        _writer.AttributeText(1, "bpf");
        var options = _writer.BeginNested(2);
        _writer.AttributeU32(6, (uint)programFd);
        _writer.AttributeText(7, name);
        _writer.AttributeU32(8, DirectAction);
        _writer.EndNested(options);
        _writer.End();
        route.Request(_writer, $"cannot attach to interface number {interfaceIndex} by cls_bpf");
    }

    /// <summary>Leaves the qdisc: others may use it, and an empty one does nothing.</summary>
    public void Detach(int interfaceIndex, bool ingress)
    {
        BeginFilter(DeleteFilter, NetlinkWriter.FlagAck, interfaceIndex, ingress);
        _writer.AttributeText(1, "bpf");
        _writer.End();
        var errno = route.Request(_writer, out var text);
        if (errno is not (0 or Errno.ENOENT or Errno.EINVAL or Errno.ENODEV))
            throw new NetworkException("clsact", $"cannot detach from interface number {interfaceIndex}", errno, text);
    }

    /// <summary>Kernel numbers of the programs that cls_bpf filters run there.</summary>
    public HashSet<uint> Programs(int interfaceIndex, bool ingress)
    {
        var found = new HashSet<uint>();
        Begin(GetFilter, NetlinkWriter.FlagDump, interfaceIndex, 0, Parent(ingress), 0);
        _writer.End();
        var errno = route.Dump(_writer, (type, body) => { if (type == NewFilter) ReadProgram(body, found); }, found.Clear);
        return errno is 0 or Errno.ENOENT or Errno.EINVAL ? found : throw new NetworkException("clsact", $"cannot list filters of interface number {interfaceIndex}", errno);
    }

    private static void ReadProgram(ReadOnlySpan<byte> body, HashSet<uint> found)
    {
        var attributes = new NetlinkAttributes(body[20..]);
        while (attributes.Next())
        {
            if (attributes.Type != 2) continue;
            var options = new NetlinkAttributes(attributes.Value);
            while (options.Next())
            {
                if (options.Type == 11) found.Add(options.U32);
            }
        }
    }

    private void BeginFilter(ushort type, ushort flags, int interfaceIndex, bool ingress) =>
        Begin(type, flags, interfaceIndex, FilterHandle, Parent(ingress), (Preference << 16) | AllProtocols);

    private void Begin(ushort type, ushort flags, int interfaceIndex, uint handle, uint parent, uint info)
    {
        _writer.Clear();
        _writer.Begin(type, flags);
        var header = _writer.Reserve(20);
        BinaryPrimitives.WriteInt32LittleEndian(header[4..], interfaceIndex);
        BinaryPrimitives.WriteUInt32LittleEndian(header[8..], handle);
        BinaryPrimitives.WriteUInt32LittleEndian(header[12..], parent);
        BinaryPrimitives.WriteUInt32LittleEndian(header[16..], info);
    }
}
