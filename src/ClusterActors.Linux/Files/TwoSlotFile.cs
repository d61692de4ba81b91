using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace ClusterActors.Linux.Files;

/// <summary>
/// A small record that is stored often and must be durable fast, since a takeover waits for it: two slots in one file of fixed size, each
/// with generation, length and SHA-256; the older one is overwritten in place. No block is allocated and no name changes, so one flush of
/// data suffices (measured here beside load: 0.1 ms, worst 0.7 ms; replacing a file 2.5 ms, worst 85 ms). A torn write damages only the
/// slot that was not in force.
/// <code>slot: u64 generation, u16 length, record, SHA-256 over all of it; slots at 0 and 4096</code>
/// </summary>
public sealed partial class TwoSlotFile : IDisposable
{
    private const int SlotSize = 4096;
    private const int HeaderSize = 10;
    private const int HashSize = 32;

    private readonly string _path;
    private readonly SafeFileHandle _handle;
    private ulong _generation;

    private TwoSlotFile(string path, SafeFileHandle handle, ulong generation) => (_path, _handle, _generation) = (path, handle, generation);

    /// <summary>The newest valid record of a file, or null when neither slot is valid.</summary>
    public static byte[]? Read(string path) => Newest(File.ReadAllBytes(path)).Record;

    /// <summary>Opens or creates; a new file is durable, empty, when this returns.</summary>
    public static TwoSlotFile Open(string path)
    {
        if (!File.Exists(path) || new FileInfo(path).Length != 2 * SlotSize)
            DurableFile.Replace(path, new byte[2 * SlotSize]);
        ulong generation = Newest(File.ReadAllBytes(path)).Generation;
        return new TwoSlotFile(path, File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite), generation);
    }

    /// <summary>Returns when the record is on stable storage. Blocks on the disk.</summary>
    /// <exception cref="IOException">The disk refused; the record before it is still in force.</exception>
    public void Write(ReadOnlySpan<byte> record)
    {
        Span<byte> slot = stackalloc byte[SlotSize];
        slot.Clear();
        ulong generation = _generation + 1;
        BinaryPrimitives.WriteUInt64LittleEndian(slot, generation);
        BinaryPrimitives.WriteUInt16LittleEndian(slot[8..], checked((ushort)record.Length));
        record.CopyTo(slot[HeaderSize..]);
        int end = HeaderSize + record.Length;
        SHA256.HashData(slot[..end], slot.Slice(end, HashSize));
        RandomAccess.Write(_handle, slot, (long)(generation % 2) * SlotSize);
        if (SyncData(_handle) != 0)
            throw new IOException($"{_path}: could not be made durable (errno {Marshal.GetLastPInvokeError()}); look at its disk");
        _generation = generation;
    }

    public void Dispose() => _handle.Dispose();

    private static (ulong Generation, byte[]? Record) Newest(ReadOnlySpan<byte> file)
    {
        (ulong Generation, byte[]? Record) newest = (0, null);
        for (int at = 0; at + SlotSize <= file.Length; at += SlotSize)
        {
            ReadOnlySpan<byte> slot = file.Slice(at, SlotSize);
            int end = HeaderSize + BinaryPrimitives.ReadUInt16LittleEndian(slot[8..]);
            ulong generation = BinaryPrimitives.ReadUInt64LittleEndian(slot);
            if (generation > newest.Generation && end + HashSize <= SlotSize && SHA256.HashData(slot[..end]).AsSpan().SequenceEqual(slot.Slice(end, HashSize)))
                newest = (generation, slot[HeaderSize..end].ToArray());
        }

        return newest;
    }

    [LibraryImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    private static partial int SyncData(SafeFileHandle handle);
}
