namespace ClusterActors.Linux.Net;

/// <summary>A kernel request about the network failed. The message says where, what was asked and what the kernel answered.</summary>
public sealed class NetworkException : Exception
{
    /// <summary>The kernel's error number; 0 when the failure was found by reading back.</summary>
    public int ErrorNumber { get; }

    /// <summary>There is no interface of that number (any more).</summary>
    public bool IsNoInterface => ErrorNumber == Errno.ENODEV;

    public NetworkException(string where, string what, int errno, string? kernelSays = null)
        : base($"{where}: {what}: {Errno.Explain(errno)}{(string.IsNullOrEmpty(kernelSays) ? "" : $"; kernel says: {kernelSays}")}")
        => ErrorNumber = errno;

    public NetworkException(string where, string what)
        : base($"{where}: {what}")
    {
    }
}
