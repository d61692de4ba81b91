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
    /// Oldest living child of a single-threaded process (kernel option CONFIG_PROC_CHILDREN, present in the kernels of all
    /// distributions); 0 when there is none or the process has ended.
    /// </summary>
    public static int FirstChild(int processId)
    {
        try
        {
            var text = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}/task/{processId}/children"));
            var end = text.IndexOf(' ');
            return end > 0 ? int.Parse(text.AsSpan(0, end), CultureInfo.InvariantCulture) : 0;
        }
        catch (IOException)
        {
            return 0;
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
