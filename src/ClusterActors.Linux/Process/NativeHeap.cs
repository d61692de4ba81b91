using System.Runtime.InteropServices;

namespace ClusterActors.Linux.Process;

/// <summary>The heap of the C library, which the runtime and the native libraries use.</summary>
public static unsafe class NativeHeap
{
    // Where the library has no such function (it is the GNU one's own), nothing is given back.
    private static readonly delegate* unmanaged<nuint, int> Trim =
        NativeLibrary.TryLoad("libc.so.6", out var library) && NativeLibrary.TryGetExport(library, "malloc_trim", out var function)
            ? (delegate* unmanaged<nuint, int>)function
            : null;

    /// <summary>Gives free pages back to the system: by itself the library keeps what a start has needed once.</summary>
    public static void GiveBack()
    {
        if (Trim is not null)
            _ = Trim(0);
    }
}
