using System.Text;
using ClusterActors.Cli.Parsing;
using ClusterActors.Control;

namespace ClusterActors.Cli.Commands;

/// <summary><c>clp cluster check</c>.</summary>
internal static class ClusterCheckCommand
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    public static async Task<ExitCode> RunAsync(Invocation invocation)
    {
        using var api = Api.Open(invocation);
        var answer = await api.Client.GetAsync(Routes.Check, Limit, invocation.Cancellation).ConfigureAwait(false);
        var report = answer.Read(ControlJson.Default.CheckReport);
        var failed = report.Results.Count(result => !result.Succeeded);
        if (api.PrintedAsJson(answer))
            return failed == 0 ? ExitCode.Done : ExitCode.Partial;
        var text = new StringBuilder();
        foreach (var result in report.Results)
            text.Append(result.Succeeded ? "ok      " : "FAILED  ").Append(result.From).Append(" -> ").Append(result.To).Append("  ")
                .Append(result.What).Append(": ").Append(result.Sentence).Append('\n');
        text.Append(failed == 0 ? $"all {report.Results.Count} checks passed\n" : $"{failed} of {report.Results.Count} checks failed\n");
        await invocation.Host.Out.WriteAsync(text.ToString()).ConfigureAwait(false);
        return failed == 0 ? ExitCode.Done : ExitCode.Partial;
    }
}
