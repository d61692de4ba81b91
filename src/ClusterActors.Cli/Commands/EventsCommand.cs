using System.Text.Json;
using ClusterActors.Cli.Parsing;
using ClusterActors.Control;

namespace ClusterActors.Cli.Commands;

/// <summary><c>clp events</c>.</summary>
internal static class EventsCommand
{
    private const int DefaultCount = 20;
    private const int MostEvents = 10_000;

    public static async Task<ExitCode> RunAsync(Invocation invocation)
    {
        var count = (int)invocation.Number("number", DefaultCount, 1, MostEvents);
        using var api = Api.Open(invocation);
        var answer = await api.GetAsync($"{Routes.Events}?after=-1&max={count}").ConfigureAwait(false);
        var page = answer.Read(ControlJson.Default.EventPage);
        if (!invocation.Has("follow") && api.PrintedAsJson(answer))
            return ExitCode.Done;
        foreach (var item in page.Events)
            Print(invocation, item);
        if (invocation.Has("follow"))
            await FollowAsync(invocation, api, page.Last).ConfigureAwait(false);
        return ExitCode.Done;
    }

    /// <summary><c>2026-11-22 10:00:00 server1 rc 10 Info  start of group web began</c></summary>
    public static string LineOf(EventDto item) =>
        $"{item.Time} {item.Server} {item.Module} {item.Id} {item.Level}: {item.Text}";

    private static async Task FollowAsync(Invocation invocation, Api api, long after)
    {
        try
        {
            await foreach (var data in api.Client.StreamAsync($"{Routes.EventStream}?after={after}", invocation.Cancellation).ConfigureAwait(false))
            {
                Print(invocation, JsonSerializer.Deserialize(data, ControlJson.Default.EventDto)
                    ?? throw new ControlException(ExitCode.Internal, "control API: an empty event"));
            }
        }
        catch (OperationCanceledException) when (invocation.Cancellation.IsCancellationRequested)
        {
            return; // the user has seen enough
        }

        throw new ControlException(ExitCode.Unreachable, "the daemon ended the stream of events; it may be restarting: run clp events -f again");
    }

    private static void Print(Invocation invocation, EventDto item) =>
        invocation.Host.Out.WriteLine(invocation.Has("json") ? JsonSerializer.Serialize(item, ControlJson.Default.EventDto) : LineOf(item));
}
