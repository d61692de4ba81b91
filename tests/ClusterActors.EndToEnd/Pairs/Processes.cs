using System.Diagnostics;

namespace ClusterActors.EndToEnd.Pairs;

/// <summary>Signals without the lab script, where its start would take longer than the case allows.</summary>
internal static class Processes
{
    /// <summary>SIGKILL; a process that has ended by itself is as good.</summary>
    public static void Kill(int pid)
    {
        try
        {
            using var process = Process.GetProcessById(pid);
            process.Kill();
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            // Ended between being listed and being killed.
        }
    }
}
