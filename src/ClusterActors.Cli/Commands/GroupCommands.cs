using ClusterActors.Cli.Parsing;
using ClusterActors.Control;
using ClusterActors.Control.Client;

namespace ClusterActors.Cli.Commands;

/// <summary><c>clpgrp</c>.</summary>
internal static class GroupCommands
{
    private const double DefaultWaitSeconds = 30;

    public static async Task<ExitCode> RunAsync(Invocation invocation)
    {
        var verb = invocation.OneOf(null, "start", "stop", "move", "where");
        using var api = Api.Open(invocation);
        if (verb == "where")
            return await WhereAsync(invocation, api).ConfigureAwait(false);
        if (verb == "stop" && invocation.Has("to"))
            throw new UsageException("clp grp: --to has no meaning with -t; name the server where to stop with -h", invocation.Command);
        if (verb == "start" && invocation.Has("to") && invocation.Has("on"))
            throw new UsageException("clp grp: -h and --to both name the server to start on; give one", invocation.Command);
        var groups = verb == "move" && invocation.Text("on") is { } from ? await RunningOnAsync(invocation, api, from).ConfigureAwait(false) : [invocation.Operand];
        var worst = ExitCode.Done;
        foreach (var group in groups)
        {
            var code = await CommandAsync(invocation, api, verb, group).ConfigureAwait(false);
            worst = worst == ExitCode.Done ? code : code == ExitCode.Done || code == worst ? worst : ExitCode.Partial;
        }

        return worst;
    }

    private static async Task<ExitCode> CommandAsync(Invocation invocation, Api api, string verb, string? group)
    {
        var options = invocation.CommandOptions(DefaultWaitSeconds);
        var server = verb == "move" ? invocation.Text("to") : invocation.Text("to") ?? invocation.Text("on");
        var route = verb switch
        {
            "start" => Routes.GroupStart(group),
            "stop" => Routes.GroupStop(group),
            _ => Routes.GroupMove(group),
        };
        var answer = await api.CommandAsync(route, new GroupCommand(server, options), ControlJson.Default.GroupCommand, options).ConfigureAwait(false);
        var reply = answer.Read(ControlJson.Default.CommandReply);
        return api.PrintedAsJson(answer) ? reply.Code : ReplyText.Print(invocation, char.ToUpperInvariant(verb[0]) + verb[1..], reply);
    }

    /// <summary>The groups that <c>-h HOST</c> of a move means: the named one if it runs there, else all that do.</summary>
    private static async Task<IReadOnlyList<string?>> RunningOnAsync(Invocation invocation, Api api, string server)
    {
        var status = (await api.GetAsync(Routes.Status).ConfigureAwait(false)).ReadStatus();
        RequireServer(status, server);
        var there = status.Groups.Where(group => Same(group.CurrentServer, server)).Select(group => group.Name).ToArray();
        if (invocation.Operand is not { } asked)
            return there.Length > 0 ? there : throw new ControlException(ExitCode.NotFound, $"no group runs on {server}; clpstat -g shows where they run");
        var found = Find(status, asked);
        return Same(found.CurrentServer, server)
            ? [found.Name]
            : throw new ControlException(ExitCode.Refused, $"group {asked} runs {(found.CurrentServer is { } current ? $"on {current}" : "nowhere")}, not on {server}; name its server after -h, or leave -h out");
    }

    private static async Task<ExitCode> WhereAsync(Invocation invocation, Api api)
    {
        var asked = invocation.Operand ?? throw new UsageException("clp grp: -n needs the group: -n GROUP", invocation.Command);
        var answer = await api.GetAsync(Routes.Status).ConfigureAwait(false);
        var group = Find(answer.ReadStatus(), asked);
        if (invocation.Has("json"))
        {
            await invocation.Host.Out.WriteLineAsync(System.Text.Json.JsonSerializer.Serialize(group, ControlJson.Default.GroupStatus)).ConfigureAwait(false);
            return group.CurrentServer is null ? ExitCode.NotFound : ExitCode.Done;
        }

        if (group.CurrentServer is not { } server)
            throw new ControlException(ExitCode.NotFound, $"group {asked} runs nowhere: {group.State}; {group.Reason}");
        await invocation.Host.Out.WriteLineAsync(server).ConfigureAwait(false);
        return ExitCode.Done;
    }

    private static GroupStatus Find(ClusterStatus status, string group) =>
        status.Groups.FirstOrDefault(candidate => candidate.Name == group)
            ?? throw new ControlException(ExitCode.NotFound, $"there is no group {group}; there are {Words(status.Groups.Select(candidate => candidate.Name))}");

    private static void RequireServer(ClusterStatus status, string server)
    {
        if (!status.Servers.Any(candidate => Same(candidate.Name, server)))
            throw new ControlException(ExitCode.NotFound, $"there is no server {server}; there are {Words(status.Servers.Select(candidate => candidate.Name))}");
    }

    // Server names are host names: case does not count.
    private static bool Same(string? left, string right) => string.Equals(left, right, StringComparison.OrdinalIgnoreCase);

    private static string Words(IEnumerable<string> names) => string.Join(", ", names) is { Length: > 0 } words ? words : "none";
}
