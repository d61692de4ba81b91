using System.Runtime.InteropServices;

namespace ClusterActors.Linux.Process;

/// <summary>
/// The file this process was started from, as its caller wrote it: of a link the link, while the runtime shows the link's target. The
/// kernel leaves it beside the arguments (<c>AT_EXECFN</c>), but for a file executed by its descriptor, which has no name here.
/// </summary>
public static class ExecutedFile
{
    private const nuint ExecutedFileName = 31;

    private const string ByDescriptor = "/dev/fd/";

    /// <summary>Null when the kernel tells none.</summary>
    public static string? Path()
    {
        if (ProcessNative.AuxiliaryValue(ExecutedFileName) is not (var text and not 0) || Marshal.PtrToStringUTF8(text) is not { } path)
            return null;
        return path.StartsWith(ByDescriptor, StringComparison.Ordinal) ? FirstArgument() : path;
    }

    private static string? FirstArgument()
    {
        try
        {
            return File.ReadAllText("/proc/self/cmdline").Split('\0')[0];
        }
        catch (IOException)
        {
            return null; // no /proc: aliases do not work, everything else does
        }
    }
}
