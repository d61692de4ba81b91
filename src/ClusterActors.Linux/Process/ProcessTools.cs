using System.Globalization;
using System.Runtime.InteropServices;

namespace ClusterActors.Linux.Process;

/// <summary>Small questions about processes.</summary>
public static unsafe class ProcessTools
{
    private static readonly string[] Folders = ["/usr/bin", "/bin", "/usr/sbin", "/sbin"];

    /// <summary>Absolute path of a system tool.</summary>
    /// <exception cref="FileNotFoundException">It is not installed.</exception>
    public static string Require(string tool, string package) =>
        Folders.Select(folder => Path.Combine(folder, tool)).FirstOrDefault(File.Exists)
        ?? throw new FileNotFoundException($"{tool}: not found in {string.Join(", ", Folders)}; install the package {package}");

    /// <summary>
    /// Child processes of a single-threaded process, oldest first (kernel option CONFIG_PROC_CHILDREN, present in the kernels of all
    /// distributions); empty when it has ended.
    /// </summary>
    public static IReadOnlyList<int> Children(int processId)
    {
        try
        {
            var text = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}/task/{processId}/children"));
            return [.. text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(id => int.Parse(id, CultureInfo.InvariantCulture))];
        }
        catch (IOException)
        {
            return [];
        }
    }

    /// <summary>
    /// Sets the soft limit of open files of a process back to the usual one: the runtime raises its own to the hard limit, and programs
    /// that use select(2) or loop over all descriptors suffer from inheriting that. They may raise it themselves.
    /// </summary>
    /// <returns>0 or the errno.</returns>
    public static int TrySetSoftFileLimit(int processId, ulong soft)
    {
        ResourceLimit limit;
        if (ProcessNative.Limit(processId, ProcessNative.LimitOpenFiles, null, &limit) != 0)
            return Marshal.GetLastPInvokeError();
        limit.Soft = Math.Min(soft, limit.Hard);
        return ProcessNative.Limit(processId, ProcessNative.LimitOpenFiles, &limit, null) == 0 ? 0 : Marshal.GetLastPInvokeError();
    }
}
