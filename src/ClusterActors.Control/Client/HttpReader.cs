using System.Text;

namespace ClusterActors.Control.Client;

/// <summary>
/// Reads one HTTP/1.1 response (RFC 9112) from a stream: status, the few headers that matter, and the body by length, in chunks or to
/// the end of the connection. Everything is bounded; what is not HTTP is an <see cref="InvalidDataException"/>.
/// </summary>
internal sealed class HttpReader(Stream stream)
{
    private const int LongestLine = HttpText.LongestLine;

    private readonly byte[] _buffer = new byte[16 * 1024];
    private int _start;
    private int _end;
    private bool _chunked;
    private long _left = -1;

    public int Status { get; private set; }

    /// <summary>Reads up to the body.</summary>
    public async Task ReadHeadAsync(CancellationToken cancellation)
    {
        do
        {
            Status = HttpText.Status(await LineAsync(cancellation).ConfigureAwait(false));
            await ReadHeadersAsync(cancellation).ConfigureAwait(false);
        }
        while (Status is >= 100 and < 200);
        if (Status is 204 or 304)
            _left = 0;
    }

    /// <summary>The whole body, at most <paramref name="limit"/> bytes.</summary>
    public async Task<byte[]> ReadBodyAsync(int limit, CancellationToken cancellation)
    {
        if (!_chunked && _left > limit)
            throw new InvalidDataException($"a body of {_left} bytes; allowed are {limit}");
        using var body = new MemoryStream(_left > 0 ? (int)_left : 4096);
        while (await MoreAsync(cancellation).ConfigureAwait(false))
        {
            var length = (int)Math.Min(_end - _start, _left < 0 ? int.MaxValue : _left);
            if (body.Length + length > limit)
                throw new InvalidDataException($"a body of more than {limit} bytes");
            body.Write(_buffer, _start, length);
            Take(length);
        }

        return body.ToArray();
    }

    /// <summary>The next line of a body that is read as it comes; null at its end.</summary>
    public async Task<string?> ReadBodyLineAsync(CancellationToken cancellation)
    {
        var line = new List<byte>();
        while (await MoreAsync(cancellation).ConfigureAwait(false))
        {
            var letter = _buffer[_start];
            Take(1);
            if (letter == '\n')
                return Encoding.UTF8.GetString([.. line]).TrimEnd('\r');
            if (line.Count >= LongestLine * 16)
                throw new InvalidDataException($"a line of more than {LongestLine * 16} bytes");
            line.Add(letter);
        }

        return line.Count == 0 ? null : throw new EndOfStreamException("the connection ended within a line");
    }

    /// <summary>Makes sure that a byte of the body is in the buffer; false at the body's end.</summary>
    private async ValueTask<bool> MoreAsync(CancellationToken cancellation)
    {
        if (_chunked && _left <= 0 && !await NextChunkAsync(cancellation).ConfigureAwait(false))
            return false;
        if (_left == 0)
            return false;
        if (_start < _end || await FillAsync(cancellation).ConfigureAwait(false))
            return true;
        return _left < 0 ? false : throw new EndOfStreamException($"the connection ended with {_left} bytes of the body missing");
    }

    private async Task<bool> NextChunkAsync(CancellationToken cancellation)
    {
        if (_left == 0 && (await LineAsync(cancellation).ConfigureAwait(false)).Length > 0)
            throw new InvalidDataException("a chunk without its end");
        var length = HttpText.ChunkLength(await LineAsync(cancellation).ConfigureAwait(false));
        if (length > 0)
        {
            _left = length;
            return true;
        }

        (_chunked, _left) = (false, 0);
        return false;
    }

    private void Take(int length)
    {
        _start += length;
        if (_left > 0)
            _left -= length;
    }

    private async Task ReadHeadersAsync(CancellationToken cancellation)
    {
        for (var count = 0; ; count++)
        {
            var line = await LineAsync(cancellation).ConfigureAwait(false);
            if (line.Length == 0)
                return;
            HttpText.Header(line, count, ref _left, ref _chunked);
        }
    }

    private async Task<string> LineAsync(CancellationToken cancellation)
    {
        var line = new StringBuilder();
        while (true)
        {
            if (_start == _end && !await FillAsync(cancellation).ConfigureAwait(false))
                throw new EndOfStreamException("the connection ended before the answer");
            var found = _buffer.AsSpan(_start, _end - _start).IndexOf((byte)'\n');
            var length = found < 0 ? _end - _start : found;
            if (line.Length + length > LongestLine)
                throw new InvalidDataException($"a line of more than {LongestLine} bytes");
            line.Append(Encoding.Latin1.GetString(_buffer, _start, length));
            _start += found < 0 ? length : length + 1;
            if (found >= 0)
                return line.ToString().TrimEnd('\r');
        }
    }

    private async ValueTask<bool> FillAsync(CancellationToken cancellation)
    {
        (_start, _end) = (0, await stream.ReadAsync(_buffer, cancellation).ConfigureAwait(false));
        return _end > 0;
    }
}
