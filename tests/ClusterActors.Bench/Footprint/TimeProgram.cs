using System.Diagnostics;
using System.Globalization;

namespace ClusterActors.Bench.Footprint;

/// <summary><c>clpbench time</c>: wall time of a command, from before its start to its end, one line for each run.</summary>
internal static class TimeProgram
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    public static int Run(string[] args)
    {
        if (args is not ["--runs", var count, var program, .. var arguments] || !int.TryParse(count, out var runs))
            throw new UsageException("clpbench time --runs N COMMAND [ARGUMENT]...");
        for (var run = 0; run < runs; run++)
        {
            using var process = new Process { StartInfo = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true } };
            var start = Stopwatch.GetTimestamp();
            process.Start();
            process.StandardOutput.ReadToEnd();
            if (!process.WaitForExit(Limit) || process.ExitCode != 0)
            {
                Console.Error.WriteLine($"clpbench time: '{program}' ended with {(process.HasExited ? process.ExitCode : "no exit code in time")}");
                return 1;
            }

            Console.WriteLine(Stopwatch.GetElapsedTime(start).TotalMilliseconds.ToString("F3", CultureInfo.InvariantCulture));
        }

        return 0;
    }
}
