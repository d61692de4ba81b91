using ClusterActors.Guardian.Control;
using ClusterActors.Linux.Files;
using ClusterActors.Linux.Sockets;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Guardian.Tests.Control;

public sealed class DaemonConnectionTests : IDisposable
{
    private static readonly Reply Answer = new(GuardianResult.Done, "", []);
    private readonly string _folder = Directory.CreateTempSubdirectory("clp-daemon-connection").FullName;

    /// <summary>A start that was under way when its daemon was killed is answered later, and the guardian must not end by it.</summary>
    [Fact]
    public void Answer_after_the_connection_was_dropped_must_go_nowhere()
    {
        var path = Path.Combine(_folder, "socket");
        using var listener = new SeqPacketListener(path);
        using var daemon = SeqPacketConnection.Connect(path);
        using var sign = SignFile.Create(Path.Combine(_folder, "sign"));
        var connection = new DaemonConnection(listener.TryAccept()!, sign);
        connection.Send(Answer, 1);
        connection.Dispose();
        connection.Send(Answer, 2);
        connection.Flush();
        Assert.Equal("it was dropped", connection.Broken);
        Assert.Null(connection.Receive(out _));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
