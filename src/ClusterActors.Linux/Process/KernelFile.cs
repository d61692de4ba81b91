using System.Runtime.InteropServices;
using System.Text;

namespace ClusterActors.Linux.Process;

/// <summary>Reading and writing the small files of /proc and /sys, each in one system call as they demand.</summary>
internal static unsafe class KernelFile
{
    private const int Capacity = 4096;

    /// <summary>Returns 0 or the errno.</summary>
    public static int TryWrite(string path, string text)
    {
        var file = ProcessNative.Open(path, ProcessNative.OpenWriteOnly | ProcessNative.OpenCloseOnExec, 0);
        if (file < 0)
            return Marshal.GetLastPInvokeError();
        var bytes = Encoding.ASCII.GetBytes(text);
        int error;
        fixed (byte* data = bytes)
            error = ProcessNative.Write(file, data, (nuint)bytes.Length) == bytes.Length ? 0 : Marshal.GetLastPInvokeError();
        _ = ProcessNative.Close(file);
        return error;
    }

    /// <summary>Returns a descriptor for reading, close-on-exec, or throws.</summary>
    public static int Open(string path)
    {
        var file = ProcessNative.Open(path, ProcessNative.OpenReadOnly | ProcessNative.OpenCloseOnExec, 0);
        return file >= 0 ? file : throw LinuxException.FromLastError($"open {path}");
    }

    /// <summary>The content from the start, at most 4 KiB; null when the directory of the file has been removed since it was opened.</summary>
    public static string? ReadFromStart(int file, string path)
    {
        var buffer = stackalloc byte[Capacity];
        var length = ProcessNative.ReadAt(file, buffer, Capacity, 0);
        if (length >= 0)
            return Encoding.ASCII.GetString(buffer, (int)length);
        var failure = LinuxException.FromLastError($"read {path}");
        return failure.Errno == Errno.NoDevice ? null : throw failure;
    }
}
