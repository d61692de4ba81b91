using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Security.Authentication;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ClusterActors.Control.Identity;

namespace ClusterActors.Control.Client;

/// <summary>What the control API answered.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Body">As sent; JSON.</param>
public sealed record ControlAnswer(int Status, byte[] Body)
{
    internal const int LargestBody = 32 * 1024 * 1024;

    public bool Succeeded => Status is >= 200 and < 300;

    /// <summary>The answer as a value.</summary>
    /// <exception cref="ControlException">An error answer with its own code and sentence, or no such value.</exception>
    public T Read<T>(JsonTypeInfo<T> type)
    {
        try
        {
            if (Succeeded)
                return JsonSerializer.Deserialize(Body, type) ?? throw new ControlException(ExitCode.Internal, "control API: an empty answer");
            if (JsonSerializer.Deserialize(Body, ControlJson.Default.ApiError) is { } error)
                throw new ControlException(error.Code, error.Message);
        }
        catch (JsonException failure)
        {
            throw new ControlException(ExitCode.Internal, $"control API: answer {Status} is not what this command expects: {failure.Message}; the command and the daemon may be of different releases", failure);
        }

        throw new ControlException(ExitCode.Internal, $"control API: answer {Status} without a reason");
    }
}

/// <summary>
/// Client of the control API, made for a command that starts, asks once and ends: HTTP/1.1 of its own on one connection per request,
/// since the framework's client took 30 ms to start (measured 2026-11, compiled at run time). Every wait is bounded.
/// </summary>
/// <param name="identity">For remote addresses: proves who asks, and whom to trust. Not disposed here.</param>
public sealed class ControlClient(ControlAddress address, ClusterIdentity? identity, TimeProvider time)
{
    private static readonly TimeSpan ConnectLimit = TimeSpan.FromSeconds(5);

    // The daemon sends a pulse every 15 s.
    private static readonly TimeSpan SilenceLimit = TimeSpan.FromSeconds(45);

    /// <summary>Asks.</summary>
    /// <param name="limit">For the whole call.</param>
    /// <exception cref="ControlException">Nobody there, no permission, no answer in time, or not HTTP.</exception>
    public Task<ControlAnswer> GetAsync(string path, TimeSpan limit, CancellationToken cancellation) => SendAsync("GET", path, null, limit, cancellation);

    /// <summary>Commands.</summary>
    /// <inheritdoc cref="GetAsync"/>
    public Task<ControlAnswer> PostAsync<T>(string path, T body, JsonTypeInfo<T> type, TimeSpan limit, CancellationToken cancellation) =>
        SendAsync("POST", path, JsonSerializer.SerializeToUtf8Bytes(body, type), limit, cancellation);

    /// <summary>The <c>data</c> of server-sent events as they come, until the server ends the stream or the caller cancels.</summary>
    /// <exception cref="ControlException">As for <see cref="GetAsync"/>; also when the server falls silent.</exception>
    public async IAsyncEnumerable<string> StreamAsync(string path, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using var connection = await ConnectAsync(cancellation).ConfigureAwait(false);
        var reader = new HttpReader(connection);
        await Guarded(limit => BeginAsync(connection, reader, path, limit), ConnectLimit, cancellation).ConfigureAwait(false);
        var data = new StringBuilder();
        while (await Guarded(reader.ReadBodyLineAsync, SilenceLimit, cancellation).ConfigureAwait(false) is { } line)
        {
            if (line.StartsWith("data:", StringComparison.Ordinal))
            {
                data.Append(data.Length > 0 ? "\n" : "").Append(line.AsSpan(line.StartsWith("data: ", StringComparison.Ordinal) ? 6 : 5));
            }
            else if (line.Length == 0 && data.Length > 0)
            {
                yield return data.ToString();
                data.Clear();
            }
        }
    }

    private async Task<ControlAnswer> SendAsync(string method, string path, byte[]? body, TimeSpan limit, CancellationToken cancellation)
    {
        using var connection = await ConnectAsync(cancellation).ConfigureAwait(false);
        return await Guarded(
            async end =>
            {
                await WriteRequestAsync(connection, method, path, body, end).ConfigureAwait(false);
                var reader = new HttpReader(connection);
                await reader.ReadHeadAsync(end).ConfigureAwait(false);
                return new ControlAnswer(reader.Status, await reader.ReadBodyAsync(ControlAnswer.LargestBody, end).ConfigureAwait(false));
            },
            limit, cancellation).ConfigureAwait(false);
    }

    private async Task<bool> BeginAsync(Stream connection, HttpReader reader, string path, CancellationToken cancellation)
    {
        await WriteRequestAsync(connection, "GET", path, null, cancellation).ConfigureAwait(false);
        await reader.ReadHeadAsync(cancellation).ConfigureAwait(false);
        if (reader.Status != 200)
            _ = new ControlAnswer(reader.Status, await reader.ReadBodyAsync(ControlAnswer.LargestBody, cancellation).ConfigureAwait(false)).Read(ControlJson.Default.ApiError);
        return true;
    }

    private async Task WriteRequestAsync(Stream connection, string method, string path, byte[]? body, CancellationToken cancellation)
    {
        var head = $"{method} {path} HTTP/1.1\r\nHost: {address.Host ?? "localhost"}\r\nConnection: close\r\n"
            + (body is null ? "\r\n" : $"Content-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n");
        var request = new byte[head.Length + (body?.Length ?? 0)];
        Encoding.ASCII.GetBytes(head, request);
        body?.CopyTo(request, head.Length);
        await connection.WriteAsync(request, cancellation).ConfigureAwait(false);
    }

    private Task<Stream> ConnectAsync(CancellationToken cancellation) =>
        Guarded<Stream>(address.SocketPath is { } path ? end => LocalAsync(path, end) : RemoteAsync, ConnectLimit, cancellation);

    private static async Task<Stream> LocalAsync(string path, CancellationToken cancellation)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellation).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch (SocketException failure)
        {
            socket.Dispose();
            throw failure.SocketErrorCode switch
            {
                SocketError.AccessDenied => ControlFailures.NoPermission(path, failure),
                SocketError.WouldBlock => ControlFailures.Busy(path, failure),
                _ => ControlFailures.NoDaemon(path, failure),
            };
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private async Task<Stream> RemoteAsync(CancellationToken cancellation)
    {
        var me = identity ?? throw new ControlException(ExitCode.NoPermission, $"{address}: a remote server asks for a client certificate of the cluster; run this on a server that has joined");
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(address.Host!, address.Port, cancellation).ConfigureAwait(false);
            return await ClusterTls.ConnectAsync(socket, address.Host!, me, cancellation).ConfigureAwait(false);
        }
        catch (SocketException failure)
        {
            socket.Dispose();
            throw new ControlException(ExitCode.Unreachable, $"{address}: {failure.Message}", failure);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Runs one bounded step and says in the command's words what went wrong in it.</summary>
    private async Task<T> Guarded<T>(Func<CancellationToken, Task<T>> step, TimeSpan limit, CancellationToken cancellation)
    {
        using var timer = new CancellationTokenSource(limit, time);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellation);
        try
        {
            return await step(end.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException failure) when (!cancellation.IsCancellationRequested)
        {
            throw ControlFailures.NoAnswer(address.ToString(), limit, failure);
        }
        catch (AuthenticationException failure)
        {
            throw new ControlException(ExitCode.NoPermission, $"{address}: TLS refused: {failure.Message}; both servers must be of the same cluster and their clocks right", failure);
        }
        catch (InvalidDataException failure)
        {
            throw ControlFailures.NoHttp(address.ToString(), failure);
        }
        catch (IOException failure)
        {
            throw ControlFailures.Broken(address.ToString(), failure);
        }
    }
}
