using System.Net;
using System.Net.Sockets;

namespace ClusterActors.Persistence.Tests.PostgreSql;

/// <summary>Where the way to the server is cut when the next COMMIT passes.</summary>
public enum Cut
{
    Never,

    /// <summary>The server never sees the COMMIT.</summary>
    Before,

    /// <summary>The server commits, its answer is lost.</summary>
    After,
}

/// <summary>A TCP port in front of the server's Unix socket that loses the connection at a chosen point, once.</summary>
internal sealed class CuttingProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly string _socketPath;
    private readonly Task _accepting;
    private readonly List<Task> _links = [];

    public CuttingProxy(string socketPath)
    {
        _socketPath = socketPath;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public Cut Next { get; set; }

    /// <summary>Cuts so far.</summary>
    public int Cuts { get; private set; }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Stop();
        await _accepting;
        await Task.WhenAll(_links);
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _links.Add(LinkAsync(await _listener.AcceptSocketAsync(_end.Token)));
            }
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }
    }

    private async Task LinkAsync(Socket client)
    {
        using var server = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        using var both = client;
        using var end = CancellationTokenSource.CreateLinkedTokenSource(_end.Token);
        await server.ConnectAsync(new UnixDomainSocketEndPoint(_socketPath), end.Token);
        var lost = new[] { false };
        var down = PumpAsync(server, client, _ => false, lost, end.Token);
        var up = PumpAsync(client, server, IsCommit, lost, end.Token);
        await Task.WhenAny(down, up);
        await end.CancelAsync();
        await Task.WhenAll(down, up);
    }

    // With the zero at its end, because each BEGIN holds the words READ COMMITTED.
    private static bool IsCommit(ReadOnlySpan<byte> bytes) => bytes.IndexOf("COMMIT\0"u8) >= 0;

    private async Task PumpAsync(Socket from, Socket to, Predicate predicate, bool[] lost, CancellationToken end)
    {
        var buffer = new byte[65536];
        try
        {
            while (await from.ReceiveAsync(buffer, end) is var count and > 0)
            {
                if (Next != Cut.Never && predicate(buffer.AsSpan(0, count)))
                {
                    var cut = Next;
                    Next = Cut.Never;
                    lost[0] = true;
                    Cuts++;
                    if (cut == Cut.After)
                    {
                        await to.SendAsync(buffer.AsMemory(0, count), end);
                        to.Shutdown(SocketShutdown.Send); // The server carries out what it has, then finds the end of the stream.
                    }

                    return;
                }

                // Once the way is cut nothing comes back on it either.
                if (!lost[0])
                {
                    await to.SendAsync(buffer.AsMemory(0, count), end);
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException)
        {
            // One side went away; the link ends with it.
        }
    }

    private delegate bool Predicate(ReadOnlySpan<byte> bytes);
}
