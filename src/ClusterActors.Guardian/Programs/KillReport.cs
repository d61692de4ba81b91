using System.Globalization;
using ClusterActors.Linux.Process;

namespace ClusterActors.Guardian.Programs;

/// <summary>The outcome of a kill. Only an empty one allows the statement that nothing runs.</summary>
/// <param name="Empty">Nothing of what was to be killed lives.</param>
/// <param name="Duration">From the request to this report.</param>
/// <param name="SurvivingProcesses">Those that lived at the limit; a process that hangs in the kernel, usually on a disk, cannot be killed.</param>
/// <param name="Sentence">For people.</param>
public sealed record KillReport(bool Empty, TimeSpan Duration, IReadOnlyList<int> SurvivingProcesses, string Sentence)
{
    private const int NamesShown = 8;

    internal static KillReport AllGone(string what, long nanoseconds) =>
        new(true, ToTime(nanoseconds), [], string.Create(CultureInfo.InvariantCulture, $"{what}: nothing is left after {nanoseconds / 1e6:0.0} ms"));

    internal static KillReport Survivors(string what, CgroupDirectory directory, long nanoseconds)
    {
        var processes = directory.Processes();
        var names = string.Join(", ", processes.Take(NamesShown).Select(Describe));
        return new(
            false,
            ToTime(nanoseconds),
            processes,
            string.Create(CultureInfo.InvariantCulture, $"{what}: {processes.Count} processes live {nanoseconds / 1e6:0} ms after SIGKILL ({names}); a process in state D hangs in the kernel: look at its disk, or restart the server"));
    }

    private static TimeSpan ToTime(long nanoseconds) => TimeSpan.FromMicroseconds(nanoseconds / 1000.0);

    // "12 (mysqld) D"
    private static string Describe(int process)
    {
        try
        {
            var stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/stat"));
            var name = stat[..(stat.LastIndexOf(')') + 1)];
            return $"{name} {stat[name.Length + 1]}";
        }
        catch (IOException)
        {
            return string.Create(CultureInfo.InvariantCulture, $"{process} (gone)");
        }
    }
}
