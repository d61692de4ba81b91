using System.Text;

namespace ClusterActors.Control.Client;

/// <summary>
/// Takes a whole HTTP/1.1 response (RFC 9112) apart that is read into memory first: what <see cref="HttpReader"/> does for a stream,
/// without a task. Everything is bounded; what is not HTTP is an <see cref="InvalidDataException"/>.
/// </summary>
internal ref struct HttpAnswer(ReadOnlySpan<byte> received, bool ended, int largestBody)
{
    private readonly ReadOnlySpan<byte> _received = received;
    private int _at;
    private bool _chunked;
    private long _length = -1;

    /// <summary>The answer, or null while bytes of it are missing.</summary>
    /// <param name="ended">The connection has ended: nothing more will come.</param>
    /// <exception cref="EndOfStreamException">It has ended too early.</exception>
    public static ControlAnswer? Read(ReadOnlySpan<byte> received, bool ended, int largestBody)
    {
        if (received.Length > 2 * largestBody)
            throw new InvalidDataException($"an answer of more than {2 * largestBody} bytes");
        var answer = new HttpAnswer(received, ended, largestBody).Read();
        return answer is not null || !ended ? answer : throw new EndOfStreamException("the connection ended before the answer");
    }

    private ControlAnswer? Read()
    {
        int status;
        do
        {
            if (Line() is not { } line)
                return null;
            status = HttpText.Status(line);
            if (!Headers())
                return null;
        }
        while (status is >= 100 and < 200);
        if (status is 204 or 304)
            _length = 0;
        return (_chunked ? Chunks() : Body()) is { } body ? new ControlAnswer(status, body) : null;
    }

    private bool Headers()
    {
        for (var count = 0; ; count++)
        {
            if (Line() is not { } line)
                return false;
            if (line.Length == 0)
                return true;
            HttpText.Header(line, count, ref _length, ref _chunked);
        }
    }

    private readonly byte[]? Body()
    {
        if (_length > largestBody)
            throw new InvalidDataException($"a body of {_length} bytes; allowed are {largestBody}");
        var rest = _received[_at..];
        if (_length >= 0)
            return rest.Length >= _length ? rest[..(int)_length].ToArray() : null;
        return ended ? rest.ToArray() : null;
    }

    private byte[]? Chunks()
    {
        using var body = new MemoryStream();
        while (Line() is { } size)
        {
            var length = HttpText.ChunkLength(size);
            if (length == 0)
                return body.ToArray();
            if (body.Length + length > largestBody)
                throw new InvalidDataException($"a body of more than {largestBody} bytes");
            if (_received.Length - _at < length)
                return null;
            body.Write(_received.Slice(_at, (int)length));
            _at += (int)length;
            if (Line() is not { } end)
                return null;
            if (end.Length > 0)
                throw new InvalidDataException("a chunk without its end");
        }

        return null;
    }

    /// <summary>The next line without its end; null when that has not come yet.</summary>
    private string? Line()
    {
        var rest = _received[_at..];
        var length = rest.IndexOf((byte)'\n');
        if ((length < 0 ? rest.Length : length) > HttpText.LongestLine)
            throw new InvalidDataException($"a line of more than {HttpText.LongestLine} bytes");
        if (length < 0)
            return null;
        _at += length + 1;
        return Encoding.Latin1.GetString(rest[..length]).TrimEnd('\r');
    }
}
