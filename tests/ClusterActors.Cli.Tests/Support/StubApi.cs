using System.Net.Sockets;
using System.Text;

namespace ClusterActors.Cli.Tests.Support;

/// <summary>What the stub was asked.</summary>
internal sealed record StubRequest(string Method, string Path, string Body);

/// <summary>A server on a Unix socket that says exactly the given bytes, piece by piece, and closes.</summary>
internal sealed class StubApi : IAsyncDisposable
{
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly CancellationTokenSource _end = new();
    private readonly Func<StubRequest, IEnumerable<string>?> _answer;
    private readonly Task _serving;

    /// <param name="answer">Pieces of the answer; null = say nothing and keep the connection.</param>
    public StubApi(string path, Func<StubRequest, IEnumerable<string>?> answer)
    {
        _answer = answer;
        _listener.Bind(new UnixDomainSocketEndPoint(path));
        _listener.Listen(8);
        _serving = ServeAsync();
    }

    public List<StubRequest> Requests { get; } = [];

    public static string Json(string body, int status = 200) =>
        $"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}";

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Dispose();
        await _serving;
        _end.Dispose();
    }

    private async Task ServeAsync()
    {
        var connections = new List<Task>();
        try
        {
            while (true)
                connections.Add(AnswerAsync(await _listener.AcceptAsync(_end.Token)));
        }
        catch (Exception end) when (end is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task AnswerAsync(Socket socket)
    {
        using var stream = new NetworkStream(socket, ownsSocket: true);
        try
        {
            var request = await ReadAsync(stream);
            lock (Requests)
                Requests.Add(request);
            if (_answer(request) is not { } pieces)
            {
                await Task.Delay(Timeout.Infinite, _end.Token);
                return;
            }

            foreach (var piece in pieces)
            {
                await stream.WriteAsync(Encoding.UTF8.GetBytes(piece), _end.Token);
                await Task.Yield();
            }
        }
        catch (Exception end) when (end is OperationCanceledException or IOException)
        {
            // the test is over, or the client has heard enough
        }
    }

    private async Task<StubRequest> ReadAsync(NetworkStream stream)
    {
        var text = new StringBuilder();
        var buffer = new byte[4096];
        while (true)
        {
            var all = text.ToString();
            if (all.IndexOf("\r\n\r\n", StringComparison.Ordinal) is >= 0 and var head)
            {
                var length = all.Split("\r\n").FirstOrDefault(line => line.StartsWith("Content-Length: ", StringComparison.Ordinal)) is { } line ? int.Parse(line[16..]) : 0;
                if (all.Length >= head + 4 + length)
                {
                    var first = all.Split(' ', 3);
                    return new StubRequest(first[0], first[1], all[(head + 4)..]);
                }
            }

            var read = await stream.ReadAsync(buffer, _end.Token);
            if (read == 0)
                throw new IOException("the client closed early");
            text.Append(Encoding.UTF8.GetString(buffer, 0, read));
        }
    }
}
