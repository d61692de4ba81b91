using System.Buffers.Binary;

namespace ClusterActors.Heartbeats.Com;

/// <summary>
/// Finds frames in a stream of bytes. Whatever does not fit is dropped one byte at a time, so that a good frame behind noise, or inside of
/// what looked like a longer one, is found. Bounded: never holds more than <see cref="Capacity"/>; bytes beyond are dropped, oldest first.
/// </summary>
public sealed class ComReader
{
    /// <summary>Bytes held at most: two of the longest frames.</summary>
    public const int Capacity = 2 * (ComFrame.MaxBeat + ComFrame.Overhead);

    private readonly byte[] _held = new byte[Capacity];
    private int _start;
    private int _end;

    /// <summary>Bytes dropped since the start because they belonged to no good frame.</summary>
    public long Dropped { get; private set; }

    /// <summary>Adds bytes; call <see cref="TryTake"/> until false afterwards.</summary>
    public void Add(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > Capacity)
        {
            Dropped += bytes.Length - Capacity;
            bytes = bytes[^Capacity..];
        }

        int held = _end - _start;
        int surplus = Math.Max(0, held + bytes.Length - Capacity);
        _start += surplus;
        Dropped += surplus;
        _held.AsSpan(_start.._end).CopyTo(_held);
        (_start, _end) = (0, _end - _start);
        bytes.CopyTo(_held.AsSpan(_end));
        _end += bytes.Length;
    }

    /// <summary>The next beat, valid until the next call; false when no whole frame is held.</summary>
    public bool TryTake(out ReadOnlySpan<byte> beat)
    {
        while (_end - _start >= ComFrame.Overhead)
        {
            ReadOnlySpan<byte> held = _held.AsSpan(_start.._end);
            int length = BinaryPrimitives.ReadUInt16LittleEndian(held[4..]);
            bool isHead = BinaryPrimitives.ReadUInt32LittleEndian(held) == ComFrame.Sync
                && BinaryPrimitives.ReadUInt16LittleEndian(held[6..]) == (ushort)~length && length <= ComFrame.MaxBeat;
            if (isHead && held.Length < length + ComFrame.Overhead)
                break;
            if (isHead && BinaryPrimitives.ReadUInt32LittleEndian(held[(ComFrame.HeadSize + length)..]) == PageChecksum.Of(held.Slice(ComFrame.HeadSize, length)))
            {
                _start += length + ComFrame.Overhead;
                beat = held.Slice(ComFrame.HeadSize, length);
                return true;
            }

            _start++;
            Dropped++;
        }

        beat = default;
        return false;
    }
}
