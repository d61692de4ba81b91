using System.Buffers.Binary;
using ClusterActors.Control;
using ClusterActors.Linux.Process;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;

namespace ClusterActors.Node.Control;

/// <summary>Who is at the other end of the local socket, by SO_PEERCRED (unix(7)).</summary>
internal static class LocalCaller
{
    /// <summary>Members may look; made by the install script. Without it only root gets in.</summary>
    private const string ViewerGroup = "clp";
    private const int SolSocket = 1;
    private const int SoPeerCred = 17;
    private const UnixFileMode OwnerAndGroup = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;

    public static Caller Of(HttpContext http)
    {
        var socket = http.Features.Get<IConnectionSocketFeature>()?.Socket
            ?? throw new InvalidOperationException("a request without client certificate came over something that is no local socket");
        Span<byte> credentials = stackalloc byte[12];
        socket.GetRawSocketOption(SolSocket, SoPeerCred, credentials);
        var uid = BinaryPrimitives.ReadUInt32LittleEndian(credentials[4..]);
        return new Caller($"uid {uid}", "local socket", uid == 0);
    }

    /// <summary>0660: root and the socket's group; the group may look, the peer's uid decides who may change.</summary>
    public static void Restrict(string socketPath)
    {
        File.SetUnixFileMode(socketPath, OwnerAndGroup);
        FileGroup.TrySet(socketPath, ViewerGroup);
    }
}
