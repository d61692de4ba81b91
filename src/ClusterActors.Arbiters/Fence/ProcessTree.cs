using System.Globalization;
using System.Text;
using ClusterActors.Linux;
using ClusterActors.Linux.Process;

namespace ClusterActors.Arbiters.Fence;

/// <summary>
/// All processes that carry a mark in their environment. A child inherits it whatever else it does (own session, daemonised, parent
/// gone), so that an agent that is too late can be ended with all it started, without rights on control groups or namespaces.
/// </summary>
internal static class ProcessTree
{
    public const string Variable = "CLP_FENCE_CALL";
    private const int SignalKill = 9;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    /// <summary>
    /// Kills until none is left; false when some are there after a second: they start others faster than they are found, or hang in the
    /// kernel. The pause lets a killed one come to its end.
    /// </summary>
    public static async Task<bool> KillAsync(string mark, TimeProvider time)
    {
        var began = time.GetTimestamp();
        while (true)
        {
            var found = Find(mark);
            if (found.Count == 0)
                return true;
            foreach (var process in found)
                Kill(process, mark);
            if (time.GetElapsedTime(began) >= Limit)
                return false;
            await Task.Delay(Pause, time).ConfigureAwait(false);
        }
    }

    public static IReadOnlyList<int> Find(string mark) =>
        [.. Directory.EnumerateDirectories("/proc")
            .Select(path => int.TryParse(Path.GetFileName(path.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : 0)
            .Where(id => id > 0 && Carries(id, mark))];

    private static void Kill(int process, string mark)
    {
        try
        {
            using var handle = new PidFd(process);
            // The handle is fixed now: looked at again, so that a reused number is not hit.
            if (Carries(process, mark))
                _ = handle.Signal(SignalKill);
        }
        catch (LinuxException)
        {
            // It has ended meanwhile.
        }
    }

    private static bool Carries(int process, string mark)
    {
        try
        {
            var text = string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/environ");
            return File.ReadAllBytes(text).AsSpan().IndexOf(Encoding.ASCII.GetBytes($"{Variable}={mark}\0")) >= 0;
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            // It has ended, or is another user's and so not ours.
            return false;
        }
    }
}
