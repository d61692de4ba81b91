using System.Net;
using System.Net.Sockets;
using ClusterActors.Arbiters.Ping;

namespace ClusterActors.Arbiters.Tests.Ping;

public sealed class PingArbiterTests
{
    private static readonly IPAddress Near = IPAddress.Parse("192.0.2.1");
    private static readonly IPAddress Far = IPAddress.Parse("192.0.2.2");
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(20);

    [Fact]
    public async Task One_answer_must_be_enough()
    {
        await using var ping = new PingArbiter("gateway", new([Near, Far], Short, 3), new FakeEcho(Far), TimeProvider.System);
        var answer = await ping.AskAsync(TestContext.Current.CancellationToken);
        Assert.False(answer.IsIsolated);
        Assert.Equal("192.0.2.2 answers", answer.Sentence);
    }

    [Fact]
    public async Task Side_must_be_isolated_only_when_no_target_answers_any_try()
    {
        var echo = new FakeEcho();
        await using var ping = new PingArbiter("gateway", new([Near, Far], Short, 3), echo, TimeProvider.System);
        var answer = await ping.AskAsync(TestContext.Current.CancellationToken);
        Assert.True(answer.IsIsolated);
        Assert.Equal(6, echo.Sent);
        Assert.Contains("192.0.2.1 (no answer within 20 ms, 3 tries)", answer.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Later_try_must_count_as_well_as_the_first()
    {
        await using var ping = new PingArbiter("gateway", new([Near], Short, 3), new FakeEcho(Near) { DropFirst = 2 }, TimeProvider.System);
        Assert.False((await ping.AskAsync(TestContext.Current.CancellationToken)).IsIsolated);
    }

    [Fact]
    public async Task Network_that_refuses_to_send_must_count_as_silent()
    {
        await using var ping = new PingArbiter("gateway", new([Near], Short, 2), new FakeEcho { Refusal = "Network is unreachable" }, TimeProvider.System);
        var answer = await ping.AskAsync(TestContext.Current.CancellationToken);
        Assert.True(answer.IsIsolated);
        Assert.Contains("192.0.2.1 (Network is unreachable)", answer.Sentence, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public async Task Own_echo_must_be_answered_by_this_machine(string address)
    {
        var target = IPAddress.Parse(address);
        Assert.SkipWhen(target.AddressFamily == AddressFamily.InterNetworkV6 && !HasIPv6(), "this machine has no IPv6 loopback address");
        await using var ping = new PingArbiter("gateway", new([target], TimeSpan.FromSeconds(5), 1), new IcmpEcho(), TimeProvider.System);
        var answer = await ping.AskAsync(TestContext.Current.CancellationToken);
        Assert.False(answer.IsIsolated, answer.Sentence);
    }

    [Fact]
    public void Request_must_be_the_bytes_of_the_RFC_and_its_own_mirror_no_answer()
    {
        var packet = new byte[EchoPacket.Bytes];
        byte[] token = [.. Enumerable.Range(1, EchoPacket.TokenBytes).Select(i => (byte)i)];
        EchoPacket.WriteRequest(packet, AddressFamily.InterNetwork, 0x1234, 7, token);
        Assert.Equal("0800A57C12340007" + Convert.ToHexString(token), Convert.ToHexString(packet));
        Assert.False(EchoPacket.IsAnswer(packet, AddressFamily.InterNetwork, false, 7, token));
        packet[0] = 0;
        Assert.True(EchoPacket.IsAnswer(packet, AddressFamily.InterNetwork, false, 7, token));
        Assert.False(EchoPacket.IsAnswer(packet, AddressFamily.InterNetwork, false, 8, token));
        Assert.False(EchoPacket.IsAnswer(packet.AsSpan(0, 20), AddressFamily.InterNetwork, false, 7, token));
        token[3]++;
        Assert.False(EchoPacket.IsAnswer(packet, AddressFamily.InterNetwork, false, 7, token));
    }

    private static bool HasIPv6() => File.Exists("/proc/net/if_inet6") && File.ReadAllText("/proc/net/if_inet6").Contains(" lo", StringComparison.Ordinal);

    private sealed class FakeEcho(params IPAddress[] answering) : IEcho
    {
        private int _sent;

        public int Sent => _sent;

        public int DropFirst { get; init; }

        public string? Refusal { get; init; }

        public async Task<string?> SendAsync(IPAddress target, ushort sequence, CancellationToken cancellation)
        {
            var number = Interlocked.Increment(ref _sent);
            if (Refusal is not null)
                return Refusal;
            if (!answering.Contains(target) || number <= DropFirst)
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellation);
            return null;
        }
    }
}
