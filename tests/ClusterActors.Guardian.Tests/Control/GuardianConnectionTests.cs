using System.Net.Sockets;
using ClusterActors.Model;
using ClusterActors.Model.Guardian;
using ClusterActors.Model.Resources;

namespace ClusterActors.Guardian.Tests;

/// <summary>The client's half of the guardian's protocol: whoever asks learns of every failure in one way.</summary>
public sealed class GuardianConnectionTests
{
    [Fact]
    public async Task Request_that_does_not_fit_a_frame_must_fault_as_a_lost_one_does()
    {
        var connection = new GuardianConnection(_ => { }, _ => { });
        var start = new StartProgram("t", new Term(1, 0), "web", "app", false, [.. Enumerable.Repeat(new string('a', 40_000), 2)], [], "/", "", Containment.Cgroup, "/log", 0);

        var fault = await Assert.ThrowsAsync<IOException>(() => connection.Ask(start));
        Assert.Contains("longer than 65520 bytes", fault.Message, StringComparison.Ordinal);
        Assert.IsType<GuardianFormatException>(fault.InnerException);
    }

    [Fact]
    public async Task Request_on_a_socket_that_is_gone_must_fault_as_a_lost_one_does()
    {
        var connection = new GuardianConnection(_ => throw new SocketException((int)SocketError.Shutdown), _ => { });
        await Assert.ThrowsAsync<IOException>(() => connection.Ask(new GetTable()));
    }
}
