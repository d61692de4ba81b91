using ClusterActors.Heartbeats.Disk;
using ClusterActors.Linux.Sockets;

namespace ClusterActors.Guardian.Beats.Devices;

/// <summary>
/// Beats from the thread of a device to the beat thread. Bounded: when it is full new ones are dropped, since the next of the same peer says
/// all that they said. One writer, one reader, no allocation.
/// </summary>
internal sealed class BeatInbox(EventFd wake, int capacity = 128)
{
    private readonly byte[] _bytes = new byte[capacity * DiskPage.MaxBeat];
    private readonly int[] _lengths = new int[capacity];
    private readonly long[] _receivedAt = new long[capacity];
    private long _written;
    private long _read;

    /// <summary>Only the device's thread. A beat that is too long is none of ours and dropped.</summary>
    public void Add(ReadOnlySpan<byte> beat, long receivedAt)
    {
        if (beat.Length <= DiskPage.MaxBeat && _written - Volatile.Read(ref _read) < capacity)
        {
            int at = (int)(_written % capacity);
            beat.CopyTo(_bytes.AsSpan(at * DiskPage.MaxBeat));
            _lengths[at] = beat.Length;
            _receivedAt[at] = receivedAt;
            Volatile.Write(ref _written, _written + 1);
        }

        wake.Signal();
    }

    /// <summary>Only the beat thread. Copies the oldest beat; false when there is none.</summary>
    public bool TryTake(Span<byte> to, out int length, out long receivedAt)
    {
        (length, receivedAt) = (0, 0);
        if (_read == Volatile.Read(ref _written))
            return false;
        int at = (int)(_read % capacity);
        (length, receivedAt) = (_lengths[at], _receivedAt[at]);
        _bytes.AsSpan(at * DiskPage.MaxBeat, length).CopyTo(to);
        Volatile.Write(ref _read, _read + 1);
        return true;
    }
}
