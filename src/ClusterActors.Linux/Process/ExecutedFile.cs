using System.Runtime.InteropServices;

namespace ClusterActors.Linux.Process;

/// <summary>
/// The file this process was started from, as its caller wrote it: of a link the link, while the runtime shows the link's target. The
/// kernel leaves it beside the arguments (<c>AT_EXECFN</c>). To read <c>/proc/self/cmdline</c> instead has the framework's file classes
/// loaded, which takes a process that has just started more than ten milliseconds (measured 2026-11, .NET 10).
/// </summary>
public static class ExecutedFile
{
    private const nuint ExecutedFileName = 31;

    /// <summary>Null when the kernel has left none.</summary>
    public static string? Path() => ProcessNative.AuxiliaryValue(ExecutedFileName) is var text and not 0 ? Marshal.PtrToStringUTF8(text) : null;
}
