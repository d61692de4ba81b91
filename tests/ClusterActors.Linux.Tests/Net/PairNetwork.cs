using System.Net;
using System.Runtime.InteropServices;
using ClusterActors.Linux.Net;
using ClusterActors.Linux.Net.Announce;

namespace ClusterActors.Linux.Tests.Net;

/// <summary>Two namespaces joined by a cable: <c>srv0</c> (192.0.2.1, 2001:db8::1) and <c>cli0</c> (192.0.2.2, 2001:db8::2).</summary>
internal sealed partial class PairNetwork : IDisposable
{
    public static readonly IPAddress Floating4 = IPAddress.Parse("192.0.2.50");
    public static readonly IPAddress Floating6 = IPAddress.Parse("2001:db8::50");
    public static readonly IPAddress Client4 = IPAddress.Parse("192.0.2.2");
    public static readonly IPAddress Client6 = IPAddress.Parse("2001:db8::2");

    private readonly List<IDisposable> _owned = [];

    private PairNetwork()
    {
        Server.Command("ip", "link", "add", "srv0", "type", "veth", "peer", "name", "cli0");
        Server.Command("ip", "link", "set", "cli0", "netns", Client.NamespacePath);
        Up(Server, "srv0", "192.0.2.1/24", "2001:db8::1/64");
        Up(Client, "cli0", "192.0.2.2/24", "2001:db8::2/64");
        Links = Server.Run(() => new NetlinkSocket());
        ServerLink = Server.Run(() => Links.GetLink("srv0"));
        ClientLink = Client.Run(() =>
        {
            using var links = new NetlinkSocket();
            return links.GetLink("cli0");
        });
        // A link that has just come up loses frames silently until its queue is activated.
        Assert.True(SpinWait.SpinUntil(() => IsRunning(Server, "srv0") && IsRunning(Client, "cli0"), 10_000), "the links did not come up within 10 s");
        ServerPackets = Server.Run(() => new PacketSocket(ServerLink, PacketSocket.Nothing));
        ClientPackets = Client.Run(() => new PacketSocket(ClientLink, PacketSocket.Everything));
    }

    public NetworkThread Server { get; } = new();

    public NetworkThread Client { get; } = new();

    public NetlinkSocket Links { get; }

    public LinkInfo ServerLink { get; }

    public LinkInfo ClientLink { get; }

    public PacketSocket ServerPackets { get; }

    public PacketSocket ClientPackets { get; }

    /// <summary>Unique among parallel runs on this kernel.</summary>
    public string Instance { get; } = $"t{Environment.ProcessId}-{Guid.NewGuid().ToString("N")[..8]}";

    /// <summary>Skips the test with the reason where namespaces cannot be made.</summary>
    public static PairNetwork Create()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs Linux");
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "needs root: network namespaces");
        Assert.SkipUnless(File.Exists("/usr/sbin/ip") || File.Exists("/sbin/ip") || File.Exists("/usr/bin/ip"), "needs the ip program (package iproute2)");
        return new PairNetwork();
    }

    /// <summary>Disposed with the network, in reverse order.</summary>
    public T Own<T>(T thing) where T : IDisposable
    {
        _owned.Add(thing);
        return thing;
    }

    public void AddFloatingAddresses() => Server.Run(() =>
    {
        Links.AddAddress(ServerLink, Floating4);
        Links.AddAddress(ServerLink, Floating6);
    });

    public void Dispose()
    {
        for (var i = _owned.Count - 1; i >= 0; i--) _owned[i].Dispose();
        ServerPackets.Dispose();
        ClientPackets.Dispose();
        Links.Dispose();
        Server.Dispose();
        Client.Dispose();
    }

    /// <summary>Boot time in nanoseconds.</summary>
    public static long Now()
    {
        GetTime(7, out var time);
        return (time.Seconds * 1_000_000_000) + time.Nanoseconds;
    }

    public static long In(int milliseconds) => Now() + (milliseconds * 1_000_000L);

    private static bool IsRunning(NetworkThread side, string name) => side.Run(() =>
    {
        using var links = new NetlinkSocket();
        return links.GetLink(name).IsRunning;
    });

    private static void Up(NetworkThread side, string link, string address4, string address6)
    {
        side.Command("ip", "link", "set", "lo", "up");
        side.Command("ip", "link", "set", link, "addrgenmode", "none");
        side.Command("ip", "link", "set", link, "up");
        side.Command("ip", "address", "add", address4, "dev", link);
        side.Command("ip", "address", "add", address6, "dev", link, "nodad");
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int GetTime(int clock, out TimeSpec time);
}
