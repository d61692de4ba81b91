using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace ClusterActors.Control.Identity;

/// <summary>JSON messages on a stream, each after its length in four bytes.</summary>
internal static class JsonFrames
{
    public const int LongestMessage = 4 * 1024 * 1024;

    public static async Task SendAsync<T>(Stream stream, T message, JsonTypeInfo<T> type, CancellationToken cancellation)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(message, type);
        var frame = new byte[4 + body.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, body.Length);
        body.CopyTo(frame, 4);
        await stream.WriteAsync(frame, cancellation).ConfigureAwait(false);
        await stream.FlushAsync(cancellation).ConfigureAwait(false);
    }

    /// <exception cref="InvalidDataException">Too long, or not a message of this kind.</exception>
    /// <exception cref="EndOfStreamException">The other side has closed.</exception>
    public static async Task<T> ReceiveAsync<T>(Stream stream, JsonTypeInfo<T> type, CancellationToken cancellation, int longest = LongestMessage)
    {
        var header = new byte[4];
        await stream.ReadExactlyAsync(header, cancellation).ConfigureAwait(false);
        var length = BinaryPrimitives.ReadInt32BigEndian(header);
        if (length <= 0 || length > longest)
            throw new InvalidDataException($"message of {length} bytes; allowed are 1 to {longest}");
        var body = new byte[length];
        await stream.ReadExactlyAsync(body, cancellation).ConfigureAwait(false);
        try
        {
            return JsonSerializer.Deserialize(body, type) ?? throw new InvalidDataException("an empty message");
        }
        catch (JsonException failure)
        {
            throw new InvalidDataException($"not a {typeof(T).Name}: {failure.Message}", failure);
        }
    }
}
