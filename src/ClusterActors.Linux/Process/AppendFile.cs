namespace ClusterActors.Linux.Process;

/// <summary>Files that several processes append to. The runtime's append mode keeps a position of its own and would overwrite.</summary>
public static class AppendFile
{
    private const uint OwnerWritesGroupReads = 0x1A0;

    /// <summary>Opens with O_APPEND, making the file with mode 0640; the descriptor is close-on-exec and the caller's.</summary>
    public static int Open(string path)
    {
        var file = ProcessNative.Open(
            path,
            ProcessNative.OpenWriteOnly | ProcessNative.OpenCreate | ProcessNative.OpenAppend | ProcessNative.OpenCloseOnExec,
            OwnerWritesGroupReads);
        return file >= 0 ? file : throw LinuxException.FromLastError($"open {path} for appending");
    }

    public static void Close(int file) => _ = ProcessNative.Close(file);
}
