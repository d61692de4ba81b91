using System.Runtime.InteropServices;

namespace ClusterActors.Linux.Devices;

/// <summary>
/// A block device read and written past the page cache, so that each read sees what another server wrote and each write has reached the
/// device when it returns. Offsets, lengths and buffers are multiples of <see cref="Unit"/>. Calls block for as long as the device
/// takes: use it on a thread of its own.
/// </summary>
public sealed unsafe class DirectDevice : IDisposable
{
    /// <summary>Alignment of everything; no block device has larger logical sectors.</summary>
    public const int Unit = 4096;

    private const int EmptyPath = 0x1000;
    private const uint StatusType = 1;
    private const int StatusBytes = 256;
    private const int StatusModeOffset = 28;

    private readonly string _path;
    private int _fileDescriptor;

    private DirectDevice(string path, int fileDescriptor) => (_path, _fileDescriptor) = (path, fileDescriptor);

    /// <summary>Opens for reading and writing; with <paramref name="exclusively"/> refused while it is mounted or otherwise claimed.</summary>
    /// <exception cref="LinuxException">ENOENT, EACCES, EBUSY, EINVAL (no direct access) and others of open(2).</exception>
    public static DirectDevice Open(string path, bool exclusively = false)
    {
        ArgumentNullException.ThrowIfNull(path);
        var flags = DeviceNative.ReadWrite | DeviceNative.Direct | DeviceNative.DataSync | DeviceNative.CloseOnExec | (exclusively ? DeviceNative.Exclusive : 0);
        var fileDescriptor = DeviceNative.Open(path, flags, 0);
        return fileDescriptor >= 0 ? new DirectDevice(path, fileDescriptor) : throw LinuxException.FromLastError($"open {path} for direct access");
    }

    /// <summary>True for a block device; false for a plain file and everything else.</summary>
    public bool IsBlockDevice
    {
        get
        {
            var status = stackalloc byte[StatusBytes];
            if (DeviceNative.Status(_fileDescriptor, "", EmptyPath, StatusType, status) != 0)
                throw LinuxException.FromLastError($"statx {_path}");
            return (*(ushort*)(status + StatusModeOffset) & DeviceNative.StatusMode) == DeviceNative.StatusBlockDevice;
        }
    }

    /// <summary>Size in bytes.</summary>
    public long Length
    {
        get
        {
            var length = DeviceNative.Seek(_fileDescriptor, 0, DeviceNative.SeekEnd);
            return length >= 0 ? length : throw LinuxException.FromLastError($"size of {_path}");
        }
    }

    /// <summary>Returns 0 or the errno; a short read counts as EIO.</summary>
    public int Read(AlignedBuffer buffer, int at, int length, long offset)
    {
        ArgumentNullException.ThrowIfNull(buffer);
        return Outcome(DeviceNative.ReadAt(_fileDescriptor, buffer.Pointer(at, length), (nuint)length, offset), length);
    }

    /// <summary>Returns 0 when the data is on the device, or the errno.</summary>
    public int Write(AlignedBuffer buffer, int at, int length, long offset)
    {
        ArgumentNullException.ThrowIfNull(buffer);
        return Outcome(DeviceNative.WriteAt(_fileDescriptor, buffer.Pointer(at, length), (nuint)length, offset), length);
    }

    public void Dispose()
    {
        var fileDescriptor = Interlocked.Exchange(ref _fileDescriptor, -1);
        if (fileDescriptor >= 0)
            _ = DeviceNative.Close(fileDescriptor);
    }

    private static int Outcome(nint done, int length) =>
        done == length ? 0 : done < 0 ? Marshal.GetLastPInvokeError() : Errno.InputOutput;
}

/// <summary>Memory aligned for direct access, allocated once.</summary>
public sealed unsafe class AlignedBuffer : IDisposable
{
    private byte* _start;

    /// <param name="length">Bytes, a multiple of <see cref="DirectDevice.Unit"/>.</param>
    public AlignedBuffer(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(length % DirectDevice.Unit, 0);
        Length = length;
        _start = (byte*)NativeMemory.AlignedAlloc((nuint)length, DirectDevice.Unit);
        Span.Clear();
    }

    public int Length { get; }

    public Span<byte> Span => new(_start, Length);

    internal void* Pointer(int at, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(at);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(at + length, Length);
        ObjectDisposedException.ThrowIf(_start is null, this);
        return _start + at;
    }

    public void Dispose()
    {
        NativeMemory.AlignedFree(_start);
        _start = null;
    }
}
