using System.Runtime.InteropServices;

namespace ClusterActors.Linux.Net;

/// <summary>Kernel error numbers (x86-64 and arm64 share these) and what they mean to an administrator.</summary>
internal static class Errno
{
    public const int EPERM = 1;
    public const int ENOENT = 2;
    public const int EINTR = 4;
    public const int EAGAIN = 11;
    public const int EBUSY = 16;
    public const int EEXIST = 17;
    public const int ENODEV = 19;
    public const int EINVAL = 22;
    public const int ENOSYS = 38;
    public const int EOPNOTSUPP = 95;
    public const int EADDRNOTAVAIL = 99;
    public const int ENETDOWN = 100;
    public const int ENOBUFS = 105;
    public const int ESRCH = 3;

    /// <summary>One sentence part, for example <c>the interface does not exist (ENODEV)</c>.</summary>
    public static string Explain(int errno) => errno switch
    {
        EPERM => "not permitted: needs root or CAP_NET_ADMIN (EPERM)",
        ENOENT => "the object does not exist (ENOENT)",
        ESRCH => "no such object (ESRCH)",
        EAGAIN => "the kernel had no answer in time (EAGAIN)",
        EBUSY => "in use by another program (EBUSY)",
        EEXIST => "it exists already (EEXIST)",
        ENODEV => "the interface does not exist (ENODEV)",
        EINVAL => "the kernel refused a value (EINVAL)",
        ENOSYS => "this kernel lacks the system call (ENOSYS)",
        EOPNOTSUPP => "this kernel was built without the feature (EOPNOTSUPP)",
        EADDRNOTAVAIL => "the address is not on the interface (EADDRNOTAVAIL)",
        ENETDOWN => "the interface is down (ENETDOWN)",
        ENOBUFS => "dropped by the fence or a full queue (ENOBUFS)",
        _ => $"{Marshal.GetPInvokeErrorMessage(errno)} (errno {errno})",
    };
}
