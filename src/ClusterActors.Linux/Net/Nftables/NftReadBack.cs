using System.Net;

namespace ClusterActors.Linux.Net.Nftables;

/// <summary>Reads the kernel's nf_tables state. What does not exist reads as empty.</summary>
internal static class NftReadBack
{
    private const ushort GetChain = 4;
    private const ushort GetRule = 7;
    private const ushort GetSetElements = 13;

    public static int CountRules(NetlinkTransport transport, NftFamily family, string table, string chain)
    {
        var count = 0;
        var writer = new NetlinkWriter(512);
        NftBatch.WriteDump(writer, GetRule, family, table, chain);
        var errno = transport.Dump(writer, (_, body) =>
        {
            // Old kernels ignore the filter of a dump, so it is checked here as well.
            if (body[0] == (byte)family && TextOf(body, 1) == table && TextOf(body, 2) == chain) count++;
        }, () => count = 0);
        return errno is 0 or Errno.ENOENT ? count : throw new NetworkException("nftables", $"cannot read the rules of {table}", errno);
    }

    public static HashSet<IPAddress> Addresses(NetlinkTransport transport, NftFamily family, string table, string set)
    {
        var found = new HashSet<IPAddress>();
        var writer = new NetlinkWriter(512);
        NftBatch.WriteDump(writer, GetSetElements, family, table, set);
        var errno = transport.Dump(writer, (_, body) => ReadElements(body, found), found.Clear);
        return errno is 0 or Errno.ENOENT ? found : throw new NetworkException("nftables", $"cannot read set {set} of {table}", errno);
    }

    /// <summary>
    /// Whether this kernel can filter what leaves an interface (5.16 and later, earlier where backported, never without CONFIG_NETFILTER_EGRESS):
    /// tried in a transaction that undoes itself.
    /// </summary>
    public static bool CanFilterEgress(NetlinkTransport transport, string interfaceName)
    {
        var table = $"clp-try-{Environment.ProcessId}-{Environment.CurrentManagedThreadId}";
        var batch = new NftBatch(2048);
        batch.Start();
        batch.AddTable(NftFamily.Netdev, table);
        batch.AddBaseChain(NftFamily.Netdev, table, "egress", 1, 300, [interfaceName]);
        batch.DeleteTable(NftFamily.Netdev, table);
        batch.Finish();
        return transport.Request(batch.Writer, out _) == 0;
    }

    /// <summary>The interfaces that a netdev chain hooks now: one that was taken away and came back is no longer among them.</summary>
    public static HashSet<string> HookedInterfaces(NetlinkTransport transport, string table, string chain)
    {
        var devices = new HashSet<string>();
        var writer = new NetlinkWriter(512);
        NftBatch.WriteDump(writer, GetChain, NftFamily.Netdev);
        var errno = transport.Dump(writer, (_, body) =>
        {
            if (TextOf(body, 1) == table && TextOf(body, 3) == chain) ReadDevices(body, devices);
        }, devices.Clear);
        return errno == 0 ? devices : throw new NetworkException("nftables", "cannot list chains", errno);
    }

    private static void ReadDevices(ReadOnlySpan<byte> body, HashSet<string> devices)
    {
        var attributes = new NetlinkAttributes(body[4..]);
        while (attributes.Next())
        {
            if (attributes.Type != 4) continue;
            var hook = new NetlinkAttributes(attributes.Value);
            while (hook.Next())
            {
                if (hook.Type == 3) devices.Add(hook.Text);
                if (hook.Type != 4) continue;
                var list = new NetlinkAttributes(hook.Value);
                while (list.Next()) devices.Add(list.Text);
            }
        }
    }

    /// <summary>Table and chain name when the dumped chain hooks input with the policy drop; else null.</summary>
    public static string? DroppingInputChain(ReadOnlySpan<byte> body)
    {
        const uint input = 1;
        var hook = uint.MaxValue;
        var policy = uint.MaxValue;
        var attributes = new NetlinkAttributes(body[4..]);
        while (attributes.Next())
        {
            if (attributes.Type == 5) policy = attributes.U32Big;
            if (attributes.Type != 4) continue;
            var nested = new NetlinkAttributes(attributes.Value);
            while (nested.Next())
            {
                if (nested.Type == 1) hook = nested.U32Big;
            }
        }
        // inet, ip and ip6 number their hooks alike; arp and netdev do not carry beats.
        return body[0] is 1 or 2 or 10 && hook == input && policy == NftBatch.Drop ? $"{TextOf(body, 3)} of table {TextOf(body, 1)}" : null;
    }

    private static void ReadElements(ReadOnlySpan<byte> body, HashSet<IPAddress> found)
    {
        var message = new NetlinkAttributes(body[4..]);
        while (message.Next())
        {
            if (message.Type != 3) continue;
            var elements = new NetlinkAttributes(message.Value);
            while (elements.Next()) ReadKey(elements.Value, found);
        }
    }

    private static void ReadKey(ReadOnlySpan<byte> element, HashSet<IPAddress> found)
    {
        var attributes = new NetlinkAttributes(element);
        while (attributes.Next())
        {
            if (attributes.Type != 1) continue;
            var key = new NetlinkAttributes(attributes.Value);
            while (key.Next())
            {
                if (key.Type == 1 && key.Value.Length is 4 or 16) found.Add(new IPAddress(key.Value));
            }
        }
    }

    private static string TextOf(ReadOnlySpan<byte> body, ushort type)
    {
        var attributes = new NetlinkAttributes(body[4..]);
        while (attributes.Next())
        {
            if (attributes.Type == type) return attributes.Text;
        }
        return "";
    }
}
