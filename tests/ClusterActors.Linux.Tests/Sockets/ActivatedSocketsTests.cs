using ClusterActors.Linux.Sockets;

namespace ClusterActors.Linux.Tests.Sockets;

public sealed class ActivatedSocketsTests
{
    [Theory]
    [InlineData("7", "2", new[] { 3, 4 })]
    [InlineData("8", "2", new int[0])] // Meant for another process: inherited by accident.
    [InlineData("7", "0", new int[0])]
    [InlineData("7", "-1", new int[0])]
    [InlineData("7", "17", new int[0])]
    [InlineData(null, "1", new int[0])]
    [InlineData("7", null, new int[0])]
    public void Sockets_must_be_those_handed_to_this_process(string? pid, string? count, int[] expected) =>
        Assert.Equal(expected, ActivatedSockets.Numbers(pid, count, self: 7));
}
