using ClusterActors.Heartbeats.Disk;
using ClusterActors.Linux.Time;

namespace ClusterActors.Guardian.Beats.Devices;

/// <summary>
/// The beats of one pass from the beat thread to the thread of a device, one for each peer. Holds one pass: while the device is busy the
/// beat thread makes no further ones, and a pass that waited too long is not written any more.
/// </summary>
internal sealed class BeatOutbox(int peers)
{
    private readonly byte[] _bytes = new byte[peers * DiskPage.MaxBeat];
    private readonly int[] _lengths = new int[peers];
    private long _madeAt;
    private int _full;

    /// <summary>Only the beat thread: true when the device has taken the last pass.</summary>
    public bool IsFree => Volatile.Read(ref _full) == 0;

    /// <summary>Only the beat thread, while free.</summary>
    public void Put(int position, ReadOnlySpan<byte> beat)
    {
        beat.CopyTo(_bytes.AsSpan(position * DiskPage.MaxBeat, DiskPage.MaxBeat));
        _lengths[position] = beat.Length;
    }

    /// <summary>Only the beat thread: the device may take what was put.</summary>
    public void Publish(long now)
    {
        _madeAt = now;
        Volatile.Write(ref _full, 1);
    }

    /// <summary>Only the device's thread: true when there is a pass; it is the caller's until <see cref="Release"/>.</summary>
    /// <param name="longest">Age beyond which it is dropped, nanoseconds: a beat that old no longer tells that its server lives.</param>
    public bool TryTake(long longest)
    {
        if (Volatile.Read(ref _full) == 0)
            return false;
        if (BootClock.NowNanoseconds() - _madeAt <= longest)
            return true;
        Release();
        return false;
    }

    /// <summary>Only the device's thread, after <see cref="TryTake"/>.</summary>
    public ReadOnlySpan<byte> Beat(int position) => _bytes.AsSpan(position * DiskPage.MaxBeat, _lengths[position]);

    /// <summary>Only the device's thread.</summary>
    public void Release() => Volatile.Write(ref _full, 0);
}
