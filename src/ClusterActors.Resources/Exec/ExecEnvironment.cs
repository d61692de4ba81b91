using System.Globalization;
using ClusterActors.Model;
using ClusterActors.Model.Resources;

namespace ClusterActors.Resources.Exec;

/// <summary>
/// The environment of start and stop programs. Names and values CLP_EVENT = START | FAILOVER | RECOVER | STOP and CLP_SERVER =
/// HOME | OTHER are those that users' scripts already test for.
/// </summary>
internal static class ExecEnvironment
{
    private const string SearchPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    public static Dictionary<string, string> ForStart(ExecOptions options, StartRequest request) =>
        Common(options, EventOf(request.Cause), request.IsHomeServer, request.Self, request.Group, request.Resource.Name, request.Attempt, request.Term);

    public static Dictionary<string, string> ForStop(ExecOptions options, StopRequest request) =>
        Common(options, "STOP", request.IsHomeServer, request.Self, request.Group, request.Resource.Name, request.Attempt, request.Term);

    private static string EventOf(StartCause cause) => cause switch
    {
        StartCause.Failover => "FAILOVER",
        StartCause.Restart => "RECOVER",
        _ => "START",
    };

    private static Dictionary<string, string> Common(
        ExecOptions options, string eventName, bool isHome, ServerName self, GroupName group, ResourceName resource, int attempt, Term term)
    {
        var environment = new Dictionary<string, string>(options.Environment)
        {
            ["CLP_EVENT"] = eventName,
            ["CLP_SERVER"] = isHome ? "HOME" : "OTHER",
            ["CLP_SERVERNAME"] = self.Value,
            ["CLP_GROUPNAME"] = group.Value,
            ["CLP_RESOURCENAME"] = resource.Value,
            ["CLP_ATTEMPT"] = attempt.ToString(CultureInfo.InvariantCulture),
            ["CLP_TERM"] = term.ToString(),
        };
        environment.TryAdd("PATH", SearchPath);
        environment.TryAdd("LANG", "C.UTF-8");
        return environment;
    }
}
