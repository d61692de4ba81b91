using System.Runtime.InteropServices;

namespace ClusterActors.Linux.Process;

/// <summary>Gives a file to a group of the system. Asks the name services, so never call it from a beat thread.</summary>
public static unsafe class FileGroup
{
    private const int BufferBytes = 16 * 1024;
    private const uint Unchanged = uint.MaxValue;

    /// <summary>False when there is no such group: the file keeps the one it has.</summary>
    /// <exception cref="LinuxException">The file's group could not be changed.</exception>
    public static bool TrySet(string path, string groupName)
    {
        var buffer = stackalloc byte[BufferBytes];
        GroupEntry entry;
        GroupEntry* result;
        _ = ProcessNative.FindGroup(groupName, &entry, buffer, BufferBytes, &result);
        if (result is null)
            return false;
        return ProcessNative.ChangeOwner(path, Unchanged, entry.GroupId) == 0
            ? true
            : throw new LinuxException($"group of {path}", Marshal.GetLastPInvokeError());
    }
}
