using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ClusterActors.Linux.Files;

/// <summary>Replaces a small file so that after a power loss either the old or the new content is there, whole.</summary>
public static partial class DurableFile
{
    /// <summary>Returns after the content and its name are on stable storage. Blocks on the disk: never on the beat thread.</summary>
    /// <exception cref="IOException">The disk refused; the old content is still in force.</exception>
    public static void Replace(string path, ReadOnlySpan<byte> content)
    {
        string temporary = path + ".new";
        using (SafeFileHandle handle = File.OpenHandle(
                   temporary, FileMode.Create, FileAccess.Write, FileShare.None, FileOptions.None, content.Length))
        {
            // Before the content: it may be a key.
            File.SetUnixFileMode(handle, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            RandomAccess.Write(handle, content, 0);
            RandomAccess.FlushToDisk(handle);
        }

        File.Move(temporary, path, overwrite: true);
        SyncFolder(Path.GetDirectoryName(path)!);
    }

    // The rename itself must reach the disk, and .NET opens no folders.
    private static void SyncFolder(string folder)
    {
        const int readOnlyDirectory = 0x10000;
        const int closeOnExec = 0x80000;
        int descriptor = Open(folder, readOnlyDirectory | closeOnExec, 0);
        if (descriptor < 0)
            throw new IOException($"{folder}: cannot be opened to make a new file name durable (errno {Marshal.GetLastPInvokeError()})");
        try
        {
            if (Sync(descriptor) != 0)
                throw new IOException($"{folder}: a new file name could not be made durable (errno {Marshal.GetLastPInvokeError()})");
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Sync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
