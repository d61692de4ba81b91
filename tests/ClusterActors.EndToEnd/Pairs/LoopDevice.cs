using System.Runtime.InteropServices;
using ClusterActors.Lab;

namespace ClusterActors.EndToEnd.Pairs;

/// <summary>What losetup cannot do to a loop device that is in use: let it begin somewhere else in its file (LOOP_SET_STATUS64, loop(4)).</summary>
internal static unsafe partial class LoopDevice
{
    private const int GetStatus = 0x4C05;
    private const int SetStatus = 0x4C04;

    /// <summary>struct loop_info64 of linux/loop.h: its size, and where lo_offset is.</summary>
    private const int StatusBytes = 232;
    private const int OffsetAt = 24;

    public static void BeginAt(string device, long offset)
    {
        using var opened = File.OpenHandle(device, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        var status = stackalloc byte[StatusBytes];
        Demand(Control((int)opened.DangerousGetHandle(), GetStatus, status), device);
        *(long*)(status + OffsetAt) = offset;
        Demand(Control((int)opened.DangerousGetHandle(), SetStatus, status), device);
    }

    private static void Demand(int result, string device)
    {
        if (result != 0)
            throw new LabException($"where {device} begins in its file: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int Control(int fileDescriptor, nuint request, void* argument);
}
