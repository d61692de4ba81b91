using System.Net;
using ClusterActors.Linux.Net.Nftables;

namespace ClusterActors.Linux.Net;

/// <summary>Makes fences and tells which kinds this kernel takes.</summary>
public static class AddressFences
{
    private const int InstanceLimit = 32;

    internal static void CheckOptions(FenceOptions options)
    {
        if (options.Instance.Length is 0 or > InstanceLimit || !options.Instance.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'))
            throw new NetworkException("address fence", $"instance name '{options.Instance}'; must be 1 to {InstanceLimit} of a-z A-Z 0-9 - _");
        if (options.Interfaces.Count == 0) throw new NetworkException("address fence", "no interface given; name at least one");
        if (options.LongestArm < TimeSpan.FromMilliseconds(1)) throw new NetworkException("address fence", $"longest arm is {options.LongestArm}; must be at least 1 ms");
    }

    internal static void RefuseWhileFencing(IReadOnlyCollection<IPAddress> addresses)
    {
        if (addresses.Count > 0)
            throw new NetworkException("address fence", $"still fencing {string.Join(", ", addresses)}; take them off the interface and out of the fence first");
    }

    internal static bool KernelAtLeast(int major, int minor) => Environment.OSVersion.Version >= new Version(major, minor);
}
