using System.Globalization;

namespace ClusterActors.Linux.Realtime;

/// <summary>How readily the kernel kills a process when memory runs out (proc(5), oom_score_adj).</summary>
public static class OomScore
{
    /// <summary>Never chosen.</summary>
    public const int Never = -1000;
    public const int Default = 0;

    /// <summary>Sets the adjustment, -1000 to 1000, of a process (0 = this one). Children inherit it. Lowering needs CAP_SYS_RESOURCE.</summary>
    /// <returns>Null, or why not.</returns>
    public static string? TrySet(int processId, int adjustment)
    {
        var path = processId == 0 ? "/proc/self/oom_score_adj" : string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}/oom_score_adj");
        try
        {
            File.WriteAllText(path, adjustment.ToString(CultureInfo.InvariantCulture));
            return null;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return $"{path}: {failure.Message}";
        }
    }
}
