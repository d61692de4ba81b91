using System.Runtime.InteropServices;
using ClusterActors.Linux.Time;

namespace ClusterActors.Linux.Sockets;

/// <summary>What a poll asks for and answers; the values are those of poll(2).</summary>
[Flags]
public enum PollEvents : short
{
    None = 0,
    Readable = 0x1,

    /// <summary>For cgroup.events and other kernel files: the content has changed.</summary>
    Priority = 0x2,
    Writable = 0x4,

    /// <summary>Only in answers.</summary>
    Error = 0x8,

    /// <summary>Only in answers: the other side closed.</summary>
    HangUp = 0x10,

    /// <summary>Only in answers: not an open file descriptor; a programming error of the owner.</summary>
    Invalid = 0x20,
}

/// <summary>
/// A fixed set of file descriptors that one thread waits on together, with a deadline on <see cref="BootClock"/>. Waiting allocates
/// nothing. Slots are given once and may be emptied and reused.
/// </summary>
public sealed unsafe class PollSet : IDisposable
{
    private readonly int _capacity;
    private PollEntry* _entries;
    private int _used;

    public PollSet(int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        _capacity = capacity;
        _entries = (PollEntry*)NativeMemory.AllocZeroed((nuint)capacity, (nuint)sizeof(PollEntry));
    }

    /// <summary>Returns the slot number.</summary>
    public int Add(int fileDescriptor, PollEvents events = PollEvents.Readable)
    {
        if (_used == _capacity)
            throw new InvalidOperationException($"poll set: {_capacity} descriptors are in use, no more are allowed; make it with a larger capacity");
        Set(_used, fileDescriptor, events);
        return _used++;
    }

    /// <summary>Puts another descriptor into a slot; -1 empties it.</summary>
    public void Set(int slot, int fileDescriptor, PollEvents events = PollEvents.Readable)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)slot, (uint)_capacity);
        _entries[slot] = new PollEntry { FileDescriptor = fileDescriptor, Events = (short)events };
    }

    /// <summary>What the last wait found in the slot.</summary>
    public PollEvents this[int slot]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)slot, (uint)_used);
            return (PollEvents)_entries[slot].Returned;
        }
    }

    /// <summary>
    /// Waits until a descriptor is ready or the instant has come; a passed instant only looks. Returns how many are ready. A signal
    /// ends the wait early with 0.
    /// </summary>
    public int WaitUntil(long bootNanoseconds)
    {
        var left = Math.Max(0, bootNanoseconds - BootClock.NowNanoseconds());
        var timeout = TimeSpec.FromNanoseconds(left);
        var ready = SocketNative.Poll(_entries, (nuint)_used, &timeout, null);
        if (ready >= 0)
            return ready;
        var error = Marshal.GetLastPInvokeError();
        if (error != Errno.Interrupted)
            throw new LinuxException($"ppoll of {_used} descriptors", error);
        for (var slot = 0; slot < _used; slot++)
            _entries[slot].Returned = 0;
        return 0;
    }

    public void Dispose()
    {
        NativeMemory.Free(_entries);
        _entries = null;
        _used = 0;
    }
}
