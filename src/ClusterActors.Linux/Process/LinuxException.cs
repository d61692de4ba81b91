using System.Runtime.InteropServices;

namespace ClusterActors.Linux;

/// <summary>A system call that failed although the caller had reason to expect success.</summary>
/// <param name="where">What was being done, with the object: <c>bind 10.0.0.1:29002</c>.</param>
/// <param name="errno">The kernel's error number.</param>
/// <param name="advice">What is allowed or what to do; may be empty.</param>
public sealed class LinuxException(string where, int errno, string advice = "")
    : Exception($"{where}: {Marshal.GetPInvokeErrorMessage(errno)} (errno {errno}){(advice.Length == 0 ? "" : "; " + advice)}")
{
    public int Errno { get; } = errno;

    /// <summary>Takes the errno of the last call made with <c>SetLastError</c>.</summary>
    public static LinuxException FromLastError(string where, string advice = "") => new(where, Marshal.GetLastPInvokeError(), advice);
}
